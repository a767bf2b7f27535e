import { CrewApprovals } from 'crew-approvals/client';

const { BOT_URL: url, CREW_NAME: crew, ASK_SECRET: secret } = process.env;
const approvals = new CrewApprovals({ url, crew, secret });
const options = [
  { id: 'ship', label: 'Ship it', style: 'primary' },
  { id: 'hold', label: 'Hold' },
];
const question = { title: 'Ship build 42?', text: 'All 312 tests passed.', options };
const answer = await approvals.ask(question, { id: 'build-42' });
console.log(answer.option === 'ship' ? 'Shipping' : 'Holding', 'because of', answer.by);
