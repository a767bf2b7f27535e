/** A press release that follows what people asked for, request by request. */
export function pressRelease(wishes: readonly string[]): string {
  const wanted = (pattern: RegExp) => wishes.some((wish) => pattern.test(wish));
  const isShort = wanted(/short|brief|cut|long/i);
  const price = priceIn(wishes) ?? '189 €';
  const headline = wanted(/headline|title/i)
    ? '# Caught at sea, worn in the rain: the Tide jacket'
    : '# Northwind makes a rain jacket from old fishing nets';
  const facts = [
    `- **${price}**, in shops and online from 1 September`,
    '- one jacket takes 640 g of nets out of the sea',
    '- waterproof to 20,000 mm, repaired free of charge for ten years',
  ];
  return [
    headline,
    `**Porto, 24 August.** Outdoor maker Northwind today presents *Tide*, a rain jacket whose fabric is spun from fishing nets collected in nine harbours between Vigo and Faro.`,
    ...(isShort
      ? []
      : [
          'Every year some 640,000 tonnes of nets are left in the sea. Northwind pays fishing crews for each kilo that they bring ashore; a mill in Guimarães melts, spins and weaves it within 60 km of the coast.',
        ]),
    facts.join('\n'),
    wanted(/quote/i) && isShort
      ? ''
      : '> “We wanted a jacket that leaves the sea cleaner than it found it”, says Inês Rocha, head of design.',
    ...wishes.filter((wish) => wish.length > 0).map(revisedAs),
    'Press contact: [northwind.example/press](https://northwind.example/press)',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function priceIn(wishes: readonly string[]): string | undefined {
  const amounts = wishes.flatMap((wish) => wish.match(/\d[\d.,]*\s?(?:€|EUR|euros?)|€\s?\d[\d.,]*/gi) ?? []);
  return amounts.at(-1);
}

function revisedAs(wish: string): string {
  return `*Revised as asked: ${wish.replace(/\s+/g, ' ').slice(0, 600)}*`;
}
