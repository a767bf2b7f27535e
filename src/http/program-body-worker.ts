import { answerBodies } from '../lib/body-thread.ts';
import { readProgramBody } from './program-bodies.ts';

answerBodies(readProgramBody);
