export const LANGUAGES = ['en', 'pt-BR', 'es'] as const;
/** What people in Slack read. */
export type Language = (typeof LANGUAGES)[number];

/** The language of a person by their locale in Slack; undefined: there are no texts in theirs. */
export function languageOfLocale(locale: string | undefined): Language | undefined {
  const spoken = locale?.split(/[-_]/)[0]?.toLowerCase();
  return LANGUAGES.find((language) => language.split('-')[0] === spoken);
}
