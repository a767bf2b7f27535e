import type { WebhookKind } from '../../approval/model/run/webhook.ts';
import { answerBodies } from '../../lib/body-thread.ts';
import { readBody } from './read-body.ts';

answerBodies<WebhookKind>(readBody);
