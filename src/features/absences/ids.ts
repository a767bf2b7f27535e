/** Buttons on the Home tab. */
export const ABSENCES_ACTIONS = { goAway: 'go_away', comeBack: 'come_back' } as const;

export const ABSENCES_FORM = 'away';

export const AWAY_DAY = { block: 'away_day', action: 'away_day' } as const;
export const SUBSTITUTE = { block: 'substitute', action: 'substitute' } as const;
