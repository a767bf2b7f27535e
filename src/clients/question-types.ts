// Written from src/http/question-schema.ts: npx vitest run test/http/question-documents.test.ts --update

/** What is asked. */
export interface ProgramQuestion {
  /** What is asked. */
  title: string;
  /** What people need to know to decide, as Markdown. */
  text?: string;
  /** Any JSON instead of `text`. */
  output?: unknown;
  /** Shown above the text or output. */
  message?: string;
  /** Who asks. Without it, the crew does. */
  agent?: string;
  /** The possible answers, which must each have an id of its own. Without options people see *Approve* and *Request revision* (with a text), and the answers are `approve` and `revise`. */
  options?: {
    /** Returned as the answer. */
    id: string;
    /** What the button says. */
    label: string;
    /** Use `danger` for options that stop something. */
    style?: 'primary' | 'danger' | 'default';
    /** What happens after this answer, for people: the card shows it. */
    next?: string;
    /** Whether this answer asks for the `fields` of the question. If no option says so, the first without `false` does. */
    fields?: boolean;
  }[];
  /** Whether people can or must write a text with an option. */
  free_text?: 'none' | 'optional' | 'required';
  /** Whether people can change the text and approve it so. The changed text is never blank. */
  editable?: boolean;
  /** Values that people enter with an answer, as a flat JSON schema: `{"type": "object", "properties": {…}, "required": […]}`. */
  fields?: object;
  /** A `tool` is a call of a tool: `title` is its name, `output` its arguments, and the options are `allow` and `block`. */
  kind?: 'question' | 'tool';
  /** The program's own id of the run that asks, apart from CrewAI's. */
  run?: string;
  /** The id of a question with the same title and run that this one is a further round of: its card is in the thread of the first one. */
  follows?: string;
  /** Who started it: must be a Slack user ID or an email address. */
  requested_by?: string;
  /** Who can decide: each must be the ID of a Slack user or user group. They only narrow what the settings allow. */
  approvers?: string[];
  /** Where the card is posted: one of the crew's channels. */
  channel?: string;
  /** Seconds until the deadline, ten years at most. */
  expires_in?: number;
  /** The id of the option that is taken at the deadline, only where the crew's `on_expiry` is `default`. */
  default_option?: string;
  /** Whether the question is closed once `…/alive` has not been called for five minutes. */
  lease?: boolean;
  /** Where the answer is sent, at a host that ANSWER_HOSTS allows. It must be an http:// or https:// URL in ASCII with a plain host, without a user name, password and fragment. */
  callback_url?: string;
}

/** What people answered. */
export interface PersonAnswer {
  /** The id of the chosen option. */
  option: string;
  /** What the person wrote; empty if nothing. */
  text: string;
  /** The text of the question as people changed it. */
  edited?: string;
  /** What people entered, by the names of the fields. */
  fields?: Record<string, string | number | boolean | string[]>;
  /** The person's Slack ID; empty if the rule for the deadline decided. */
  by: string;
  /** When it was decided. */
  at: string;
}

/** How a question stands. */
export interface ProgramQuestionState {
  /** The id that the question was asked under. */
  id: string;
  /** `waiting`: nobody has answered yet. `answered`: there is an answer. `closed`: a person closed it without a decision, its run ended, or its lease did: there will be no answer. `withdrawn`: its program withdrew it. `unknown`: there is no question with this id. */
  status: 'waiting' | 'answered' | 'closed' | 'withdrawn' | 'unknown';
  /** The answer, where `status` is `answered`. */
  answer?: PersonAnswer;
  /** Why the bot closed it, as a sentence. */
  reason?: string;
}
