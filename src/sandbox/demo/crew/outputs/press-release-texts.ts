import type { Language } from '../feedback/wishes.ts';

export interface ReleaseTexts {
  headlines: readonly string[];
  opening: string;
  background: string;
  /** Only in a release that was asked to be longer. */
  details: string;
  /** When and where it is sold; the price comes before it. */
  sale: string;
  facts: readonly string[];
  quote: string;
  sourcesTitle: string;
  /** The first proves a figure of the background. */
  sources: readonly string[];
  contact: string;
}

const SITE = '[northwind.example/press](https://northwind.example/press)';
const STUDY = 'UNEP, FAO: *Abandoned, lost or otherwise discarded fishing gear* (2009)';

/** The press release, in each language. */
export const RELEASE_TEXTS: Readonly<Record<Language, ReleaseTexts>> = {
  en: {
    headlines: [
      'Northwind makes a rain jacket from old fishing nets',
      'Caught at sea, worn in the rain: the Tide jacket',
    ],
    opening:
      '**Porto, 24 August.** Outdoor maker Northwind today presents *Tide*, a rain jacket whose fabric is spun from fishing nets collected in nine harbours between Vigo and Faro.',
    background:
      'Every year some 640,000 tonnes of nets are left in the sea. Northwind pays fishing crews for each kilo that they bring ashore; a mill in Guimarães melts, spins and weaves it within 60 km of the coast.',
    details:
      'Tide comes in eight sizes and two colours, sea green and slate. A workshop in Porto replaces a zip or a sleeve within a week; it opens and closes every seam without new fabric. The first 3,000 jackets use the nets of one winter.',
    sale: 'in shops and online from 1 September',
    facts: [
      'one jacket takes 640 g of nets out of the sea',
      'waterproof to 20,000 mm, repaired free of charge for ten years',
    ],
    quote:
      '“We wanted a jacket that leaves the sea cleaner than it found it”, says Inês Rocha, head of design.',
    sourcesTitle: 'Sources',
    sources: [
      `640,000 tonnes per year: ${STUDY}`,
      '640 g per jacket: scales of the mill in Guimarães, 12 June',
      '20,000 mm: test of the fabric by ISO 811, report 2026-118',
    ],
    contact: `Press contact: ${SITE}`,
  },
  de: {
    headlines: [
      'Northwind macht aus alten Fischernetzen eine Regenjacke',
      'Im Meer gefangen, im Regen getragen: die Jacke Tide',
    ],
    opening:
      '**Porto, 24. August.** Der Outdoor-Hersteller Northwind stellt heute *Tide* vor: eine Regenjacke, deren Stoff aus Fischernetzen gesponnen wird, gesammelt in neun Häfen zwischen Vigo und Faro.',
    background:
      'Jedes Jahr bleiben rund 640.000 Tonnen Netze im Meer. Northwind bezahlt Fischern jedes Kilo, das sie an Land bringen; eine Spinnerei in Guimarães schmilzt, spinnt und webt es höchstens 60 km von der Küste entfernt.',
    details:
      'Tide gibt es in acht Größen und zwei Farben, Seegrün und Schiefer. Eine Werkstatt in Porto ersetzt Reißverschluss oder Ärmel innerhalb einer Woche; sie öffnet und schließt jede Naht ohne neuen Stoff. Die ersten 3.000 Jacken verbrauchen die Netze eines Winters.',
    sale: 'ab 1. September im Handel und online',
    facts: [
      'eine Jacke holt 640 g Netze aus dem Meer',
      'wasserdicht bis 20.000 mm, zehn Jahre lang kostenlos repariert',
    ],
    quote:
      '„Wir wollten eine Jacke, nach der das Meer sauberer ist als vorher“, sagt Inês Rocha, Leiterin der Gestaltung.',
    sourcesTitle: 'Quellen',
    sources: [
      `640.000 Tonnen pro Jahr: ${STUDY}`,
      '640 g je Jacke: Waage der Spinnerei in Guimarães, 12. Juni',
      '20.000 mm: Prüfung des Stoffs nach ISO 811, Bericht 2026-118',
    ],
    contact: `Pressekontakt: ${SITE}`,
  },
  fr: {
    headlines: [
      'Northwind fait une veste de pluie avec de vieux filets de pêche',
      'Pêchée en mer, portée sous la pluie : la veste Tide',
    ],
    opening:
      '**Porto, le 24 août.** La marque Northwind présente aujourd’hui *Tide*, une veste de pluie dont le tissu est filé à partir de filets de pêche collectés dans neuf ports entre Vigo et Faro.',
    background:
      'Chaque année, quelque 640 000 tonnes de filets restent dans la mer. Northwind paie aux pêcheurs chaque kilo rapporté à terre ; une filature de Guimarães le fond, le file et le tisse à moins de 60 km de la côte.',
    details:
      'Tide existe en huit tailles et deux couleurs, vert marin et ardoise. Un atelier de Porto remplace une fermeture ou une manche en une semaine ; il ouvre et referme chaque couture sans tissu neuf. Les 3 000 premières vestes utilisent les filets d’un seul hiver.',
    sale: 'en magasin et en ligne à partir du 1er septembre',
    facts: [
      'une veste retire 640 g de filets de la mer',
      'imperméable jusqu’à 20 000 mm, réparée gratuitement pendant dix ans',
    ],
    quote:
      '« Nous voulions une veste qui laisse la mer plus propre qu’avant », dit Inês Rocha, directrice de la création.',
    sourcesTitle: 'Sources',
    sources: [
      `640 000 tonnes par an : ${STUDY}`,
      '640 g par veste : balance de la filature de Guimarães, 12 juin',
      '20 000 mm : essai du tissu selon ISO 811, rapport 2026-118',
    ],
    contact: `Contact presse : ${SITE}`,
  },
  es: {
    headlines: [
      'Northwind hace una chaqueta impermeable con redes de pesca viejas',
      'Pescada en el mar, llevada bajo la lluvia: la chaqueta Tide',
    ],
    opening:
      '**Oporto, 24 de agosto.** La marca Northwind presenta hoy *Tide*, una chaqueta impermeable cuyo tejido se hila con redes de pesca recogidas en nueve puertos entre Vigo y Faro.',
    background:
      'Cada año quedan en el mar unas 640.000 toneladas de redes. Northwind paga a los pescadores cada kilo que traen a tierra; una hilandería de Guimarães lo funde, lo hila y lo teje a menos de 60 km de la costa.',
    details:
      'Tide existe en ocho tallas y dos colores, verde mar y pizarra. Un taller de Oporto cambia una cremallera o una manga en una semana; abre y cierra cada costura sin tejido nuevo. Las primeras 3.000 chaquetas usan las redes de un solo invierno.',
    sale: 'en tiendas y en línea desde el 1 de septiembre',
    facts: [
      'una chaqueta saca 640 g de redes del mar',
      'impermeable hasta 20.000 mm, reparada gratis durante diez años',
    ],
    quote:
      '«Queríamos una chaqueta que dejara el mar más limpio que antes», dice Inês Rocha, directora de diseño.',
    sourcesTitle: 'Fuentes',
    sources: [
      `640.000 toneladas al año: ${STUDY}`,
      '640 g por chaqueta: báscula de la hilandería de Guimarães, 12 de junio',
      '20.000 mm: ensayo del tejido según ISO 811, informe 2026-118',
    ],
    contact: `Contacto de prensa: ${SITE}`,
  },
};
