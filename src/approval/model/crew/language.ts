export const LANGUAGES = ['en', 'pt-BR', 'es'] as const;
/** Language that people in Slack read. */
export type Language = (typeof LANGUAGES)[number];

/** Finds a person's language by their Slack locale; undefined: the product has no texts in it. */
export function findLanguage(locale: string | undefined): Language | undefined {
  const languageCode = locale?.split(/[-_]/)[0]?.toLowerCase();
  return LANGUAGES.find((language) => language.split('-')[0] === languageCode);
}
