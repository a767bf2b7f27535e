import type { Language } from '../feedback/wishes.ts';
import type { Market } from './markets.ts';
import { buildChapter } from './report-chapters.ts';

export interface ReportTexts {
  title: string;
  columns: readonly [market: string, share: string, price: string];
  /** How a price is recommended, in front of it. */
  recommended: string;
  sourcesTitle: string;
  sources: readonly string[];
  chapter: (market: Market) => string;
}

type Translation = Omit<ReportTexts, 'chapter'> & {
  /** A chapter of a translation has these paragraphs only. */
  paragraphs: readonly ((market: Market) => string)[];
};

const countEuros = ({ share }: Market, language: Language) => (share * 730).toLocaleString(language);
const countJackets = ({ share }: Market, language: Language) => (share * 120).toLocaleString(language);

const GERMAN: Translation = {
  title: 'Tide: die Kampagne, Markt für Markt',
  columns: ['Markt', 'Anteil', 'Preis'],
  recommended: 'Empfohlener Preis',
  sourcesTitle: 'Quellen',
  sources: ['Verkäufe von 2025, je Land', 'Umfrage unter 2.400 Käufern, Mai 2026'],
  paragraphs: [
    ({ share }) =>
      `**Wer kauft.** Hier erwarten wir ${share} % der Verkäufe der ersten Saison. Zwei Drittel der Käufer haben schon eine Regenjacke und ersetzen sie, wenn eine Naht leckt.`,
    (market) =>
      `**Was es kostet.** Wir geben hier ${countEuros(market, 'de')} € aus, vier Fünftel vor dem ersten Regen.`,
    (market) =>
      `**Was schiefgehen kann.** Bis Ende August liefert die Spinnerei Stoff für ${countJackets(market, 'de')} Jacken. Kommt er zwei Wochen später, verschieben wir die Artikel.`,
  ],
};

const FRENCH: Translation = {
  title: 'Tide : la campagne, marché par marché',
  columns: ['Marché', 'Part', 'Prix'],
  recommended: 'Prix conseillé',
  sourcesTitle: 'Sources',
  sources: ['Ventes de 2025, par pays', 'Enquête auprès de 2 400 acheteurs, mai 2026'],
  paragraphs: [
    ({ share }) =>
      `**Qui achète.** Nous attendons ici ${share} % des ventes de la première saison. Deux acheteurs sur trois ont déjà une veste de pluie et la remplacent quand une couture fuit.`,
    (market) =>
      `**Ce que cela coûte.** Nous dépensons ici ${countEuros(market, 'fr')} €, dont quatre cinquièmes avant la première pluie.`,
    (market) =>
      `**Ce qui peut mal tourner.** La filature livre le tissu de ${countJackets(market, 'fr')} vestes avant la fin août. S’il a deux semaines de retard, nous décalons les articles.`,
  ],
};

const SPANISH: Translation = {
  title: 'Tide: la campaña, mercado por mercado',
  columns: ['Mercado', 'Cuota', 'Precio'],
  recommended: 'Precio recomendado',
  sourcesTitle: 'Fuentes',
  sources: ['Ventas de 2025, por país', 'Encuesta a 2.400 compradores, mayo de 2026'],
  paragraphs: [
    ({ share }) =>
      `**Quién compra.** Aquí esperamos el ${share} % de las ventas de la primera temporada. Dos de cada tres compradores ya tienen una chaqueta impermeable y la cambian cuando una costura deja pasar el agua.`,
    (market) =>
      `**Cuánto cuesta.** Gastamos aquí ${countEuros(market, 'es')} €, cuatro quintos antes de la primera lluvia.`,
    (market) =>
      `**Qué puede salir mal.** La hilandería entrega el tejido de ${countJackets(market, 'es')} chaquetas antes de fin de agosto. Si llega dos semanas tarde, retrasamos los artículos.`,
  ],
};

/** The report, in each language. The English one is the longest. */
export const REPORT_TEXTS: Readonly<Record<Language, ReportTexts>> = {
  en: {
    title: 'Tide: the campaign, market by market',
    columns: ['Market', 'Share', 'Price'],
    recommended: 'Recommended price',
    sourcesTitle: 'Sources',
    sources: ['sales of 2025 by country', 'survey of 2,400 buyers, May 2026'],
    chapter: buildChapter,
  },
  de: withChapter(GERMAN, 'de'),
  fr: withChapter(FRENCH, 'fr'),
  es: withChapter(SPANISH, 'es'),
};

/** Names a market in a language. */
export function nameMarket({ name, code }: Market, language: Language): string {
  return language === 'en' ? name : (new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? name);
}

function withChapter({ paragraphs, ...texts }: Translation, language: Language): ReportTexts {
  const chapter = (market: Market) =>
    `## ${nameMarket(market, language)}\n\n${paragraphs.map((text) => text(market)).join('\n\n')}`;
  return { ...texts, chapter };
}
