const EMOJI: Readonly<Record<string, string>> = {
  alarm_clock: '⏰',
  arrow_forward: '▶️',
  ballot_box_with_check: '☑️',
  bell: '🔔',
  bust_in_silhouette: '👤',
  checkered_flag: '🏁',
  eyes: '👀',
  fast_forward: '⏩',
  grey_question: '❔',
  heavy_minus_sign: '➖',
  hourglass_flowing_sand: '⏳',
  information_source: 'ℹ️',
  leftwards_arrow_with_hook: '↩️',
  lock: '🔒',
  no_bell: '🔕',
  no_entry: '⛔',
  repeat: '🔁',
  point_right: '👉',
  rotating_light: '🚨',
  scales: '⚖️',
  speech_balloon: '💬',
  warning: '⚠️',
  white_check_mark: '✅',
  x: '❌',
};

/** Finds the emoji that a client draws for `:name:`; undefined for a name that is not in this list. */
export function emoji(name: string): string | undefined {
  return EMOJI[name];
}
