// Written from src/http/question-schema.ts: npx vitest run test/http/question-documents.test.ts --update

/** A question to people. */
export interface ProgramQuestion {
  /** Title of the question. */
  title: string;
  /** The information that people need to decide, as Markdown. */
  text?: string;
  /** Any JSON instead of `text`. */
  output?: unknown;
  /** Shown above the text or output. */
  message?: string;
  /** The agent that asks; the default is the crew. */
  agent?: string;
  /** The possible answers, which must each have an id of its own. Without options people see *Approve* and *Request revision* (with a text), and the answers are `approve` and `revise`. */
  options?: {
    /** Returned as the answer. */
    id: string;
    /** The label of the button. */
    label: string;
    /** Use `danger` for options that stop something. */
    style?: 'primary' | 'danger' | 'default';
    /** The consequence of this answer, shown to people on the card. */
    next?: string;
    /** True if this answer asks for the `fields` of the question. If no option has `true`, the first option without `false` asks for them. */
    fields?: boolean;
  }[];
  /** People can (`optional`) or must (`required`) write a text with an option. */
  free_text?: 'none' | 'optional' | 'required';
  /** True if people can change the text and approve the changed text, which is never blank. */
  editable?: boolean;
  /** Values that people enter with an answer, as a flat JSON schema: `{"type": "object", "properties": {…}, "required": […]}`. */
  fields?: object;
  /** A `tool` is a call of a tool: `title` is its name, `output` its arguments, and the options are `allow` and `block`. */
  kind?: 'question' | 'tool';
  /** The program's own id of the run that asks, apart from CrewAI's. */
  run?: string;
  /** The id of an earlier question with the same title and run. This question becomes its next round, with a card in the same thread. */
  follows?: string;
  /** The person who started the run: must be a Slack user ID or an email address. */
  requested_by?: string;
  /** The people who can decide: each must be the ID of a Slack user or user group. The list can only narrow what the settings allow. */
  approvers?: string[];
  /** The channel of the card: one of the crew's channels. */
  channel?: string;
  /** Seconds until the deadline, ten years at most. */
  expires_in?: number;
  /** The id of the option that is taken at the deadline, only where the crew's `on_expiry` is `default`. */
  default_option?: string;
  /** True if every answer except *Request revision* and *Block* is accepted only from people who were shown the whole message, text or output, and options. */
  require_whole?: boolean;
  /** `irreversible` if what the answer starts cannot be taken back. Where the settings say `irreversible`, `reversible` changes nothing. */
  effect?: 'reversible' | 'irreversible';
  /** True if only named people can decide, never all members of a channel: in the settings or in `approvers`, else 422. A tool always needs them. */
  named_approvers?: boolean;
  /** True if the bot closes the question when the program has not called `…/alive` for five minutes. */
  lease?: boolean;
  /** The URL that the bot sends the answer to, at a host that ANSWER_HOSTS allows. It must be an http:// or https:// URL in ASCII with a plain host, without a user name, password and fragment. */
  callback_url?: string;
}

/** The answer of the people who decided. */
export interface PersonAnswer {
  /** The id of the chosen option. */
  option: string;
  /** The text that the person wrote; empty without a text. */
  text: string;
  /** The text of the question as people changed it. */
  edited?: string;
  /** The values that people entered, by the names of the fields. */
  fields?: Record<string, string | number | boolean | string[]>;
  /** The person's Slack ID; empty if the rule for the deadline decided. */
  by: string;
  /** The time of the decision. */
  at: string;
  /** What each person who decided was shown, in the order of their votes; empty if no person decided, or if an earlier decision allowed the call. It does not say what they read. Bots of version 0.2.0 do not send it. */
  seen?: {
    /** The person's Slack ID. */
    by: string;
    /** The place in Slack where the person decided. `several`: *Decide several*. `last_page`: below the last page of *Read in full*. `thread`: *Use as feedback* on a reply. `unknown`: an earlier version recorded the decision. */
    place: 'card' | 'home' | 'list' | 'look_up' | 'several' | 'last_page' | 'thread' | 'unknown';
    /** True if the place showed all of the text or output, and all of the message; absent if this is not known, as for a card of an earlier version. */
    whole?: boolean;
    /** The characters that the place showed, if it showed only a part. */
    shown?: number;
    /** The characters of the whole. */
    of?: number;
    /** True if the person was asked to confirm that the place showed only a part; absent if this is not known. */
    asked?: boolean;
  }[];
  /** A signed receipt of this answer (a compact JWS), if the bot has a `RECEIPT_KEY` and a person decided. */
  receipt?: string;
}

/** The state of a question. */
export interface ProgramQuestionState {
  /** The id of the question, as the program chose it. */
  id: string;
  /** `waiting`: nobody has answered yet. `answered`: there is an answer. `closed`: a person closed it without a decision, its run ended, or its lease did: there will be no answer. `withdrawn`: its program withdrew it. `unknown`: there is no question with this id. */
  status: 'waiting' | 'answered' | 'closed' | 'withdrawn' | 'unknown';
  /** The time when the question was asked. Bots of version 0.2.0 do not send it. */
  asked_at?: string;
  /** The time when the question was closed or withdrawn. */
  closed_at?: string;
  /** The answer, if `status` is `answered`. */
  answer?: PersonAnswer;
  /** The reason why the bot closed the question, as a sentence. */
  reason?: string;
}
