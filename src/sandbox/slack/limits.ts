/** Slack's documented limits, named for the things they limit. Characters are UTF-16 units. */
export const LIMITS = {
  messageBlocks: 50,
  viewBlocks: 100,
  /** Undocumented: Slack rejects a message somewhere between 11,300 and 13,300 characters; 12,300 is the middle. */
  allMessageBlocks: 12_300,
  allMarkdown: 12_000,
  messageText: 40_000,
  updateText: 4_000,
  metadataBytes: 16_000,
  attachments: 100,
  blockId: 255,
  actionId: 255,
  sectionText: 3_000,
  sectionField: 2_000,
  sectionFields: 10,
  header: 150,
  contextElements: 10,
  contextText: 3_000,
  contextActions: 5,
  actions: 25,
  buttonText: 75,
  buttonValue: 2_000,
  url: 3_000,
  accessibilityLabel: 75,
  overflowOptions: 5,
  choiceOptions: 10,
  selectOptions: 100,
  optionText: 75,
  optionValue: 75,
  optionDescription: 75,
  placeholder: 150,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  altText: 2_000,
  imageTitle: 2_000,
  inputLabel: 2_000,
  plainTextInput: 3_000,
  tableRows: 100,
  tableColumns: 20,
  tableCharacters: 10_000,
  cardTitle: 150,
  cardBody: 200,
  cardActions: 5,
  carouselCards: 10,
  containerTitle: 150,
  containerBlocks: 10,
  modalTitle: 24,
  privateMetadata: 3_000,
  callbackId: 255,
  viewBytes: 250_000,
  viewStack: 3,
} as const;

export const ACK_DEADLINE_MS = 3_000;
export const TRIGGER_LIFE_MS = 3_000;
export const RESPONSE_URL_USES = 5;
export const RESPONSE_URL_LIFE_MS = 30 * 60_000;

/** WebSockets that an app may have open at the same time. */
export const SOCKET_CONNECTIONS = 10;
export const SOCKET_PING_MS = 5_000;
export const SOCKET_CLOSE_MS = 2_000;
/** Delays before the three redeliveries of an event, each after the failed delivery before it. */
export const EVENT_RETRIES_MS = [0, 60_000, 300_000];
