import type { Writer } from '../feedback/revise.ts';
import type { Language } from '../feedback/wishes.ts';

interface BudgetTexts {
  campaign: string;
  currency: string;
  photography: string;
  press_event: string;
  paid_social: string;
  translation: string;
  total: string;
  first_payment: string;
  details: string;
  sources: string;
}

const KEYS: Readonly<Record<Language, BudgetTexts>> = {
  en: {
    campaign: 'campaign',
    currency: 'currency',
    photography: 'photography',
    press_event: 'press_event',
    paid_social: 'paid_social',
    translation: 'translation',
    total: 'total',
    first_payment: 'first_payment',
    details: 'details',
    sources: 'sources',
  },
  de: {
    campaign: 'kampagne',
    currency: 'währung',
    photography: 'fotografie',
    press_event: 'presseveranstaltung',
    paid_social: 'anzeigen',
    translation: 'übersetzung',
    total: 'summe',
    first_payment: 'erste_zahlung',
    details: 'einzelheiten',
    sources: 'quellen',
  },
  fr: {
    campaign: 'campagne',
    currency: 'devise',
    photography: 'photographie',
    press_event: 'événement_presse',
    paid_social: 'publicité',
    translation: 'traduction',
    total: 'total',
    first_payment: 'premier_paiement',
    details: 'détails',
    sources: 'sources',
  },
  es: {
    campaign: 'campaña',
    currency: 'moneda',
    photography: 'fotografía',
    press_event: 'acto_de_prensa',
    paid_social: 'anuncios',
    translation: 'traducción',
    total: 'total',
    first_payment: 'primer_pago',
    details: 'detalles',
    sources: 'fuentes',
  },
};

const DETAILS: Readonly<Record<Language, string>> = {
  en: 'photography in two harbours, three days; the press event in Porto, 40 guests',
  de: 'Fotografie in zwei Häfen, drei Tage; Presseveranstaltung in Porto, 40 Gäste',
  fr: 'photographie dans deux ports, trois jours ; événement presse à Porto, 40 invités',
  es: 'fotografía en dos puertos, tres días; acto de prensa en Oporto, 40 invitados',
};

const SOURCES: Readonly<Record<Language, string>> = {
  en: 'offers of 20 July; price list of the network, July 2026',
  de: 'Angebote vom 20. Juli; Preisliste des Netzwerks, Juli 2026',
  fr: 'devis du 20 juillet ; tarifs du réseau, juillet 2026',
  es: 'ofertas del 20 de julio; tarifas de la red, julio de 2026',
};

const USUAL = { photography: 6_200, press_event: 9_400, paid_social: 12_000, translation: 1_850 };
const CHEAPER = { ...USUAL, photography: 3_900, press_event: 5_500 };

/** Makes the budget: JSON, in euros. */
export const launchBudget: Writer = {
  follows: ['cheaper', 'shorter', 'longer', 'sources', 'language'],
  lengths: { shortest: -1, longest: 1 },
  write({ length, hasSources, isCheaper, language }, note) {
    const keys = KEYS[language];
    const costs = isCheaper ? CHEAPER : USUAL;
    const items = Object.entries(costs).map(([item, cost]) => [keys[item as keyof typeof costs], cost]);
    return {
      [keys.campaign]: 'Tide',
      [keys.currency]: 'EUR',
      ...(length >= 0 && Object.fromEntries(items)),
      [keys.total]: Object.values(costs).reduce((sum, cost) => sum + cost, 0),
      [keys.first_payment]: '2026-08-31',
      ...(length > 0 && { [keys.details]: DETAILS[language] }),
      ...(hasSources && { [keys.sources]: SOURCES[language] }),
      ...(note !== undefined && { note_from_the_crew: note }),
    };
  },
};
