/** No text in a message notifies people or unfurls links, except the mentions that we write. */
export const QUIET = { parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false } as const;
