import { DARK_COLORS, LIGHT_COLORS, ON_A_PHONE, PAGE_CSS } from '../page/html/page-css.ts';

/** The look of the demo's page, in the width and the colors that are chosen at the top of the gallery. */
export const GALLERY_CSS = `${PAGE_CSS}
:root { --frame: 640px; }
:root:has(#light:checked) { color-scheme: light;
${LIGHT_COLORS}}
:root:has(#dark:checked) { color-scheme: dark;
${DARK_COLORS}}
:root:has(#phone:checked) {
  --frame: 390px;
${ON_A_PHONE}}
.forms { position: sticky; top: 0; z-index: 9; display: flex; flex-wrap: wrap; gap: 4px 24px; padding: 8px 16px; background: var(--bg); border-bottom: 1px solid var(--line); }
.forms fieldset { border: 0; margin: 0; padding: 0; display: flex; gap: 12px; } .forms input { width: auto; } .forms nav { display: flex; flex-wrap: wrap; gap: 12px; }
.part { padding: 16px; } .part > h2 { margin-bottom: 12px; }
.views { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 16px; }
figure.seen { margin: 0; width: var(--frame); max-width: 100%; } .seen figcaption { color: var(--soft); font-size: 12px; padding-bottom: 4px; }
.frame { border: 1px solid var(--line); border-radius: 8px; } .frame .modal, .frame .home { border: 0 !important; margin: 0 auto !important; }
`;
