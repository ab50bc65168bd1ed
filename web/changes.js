/** What is to be shown anew. */

/** @typedef {import('./conversation.js').Conversation} Conversation */
/** @typedef {import('./conversation.js').Entry} Entry */

export class Changes {
  /** @type {Map<Conversation, Entry[]>} */ added = new Map();
  /** Those that are not to be seen any more. @type {Entry[]} */ dropped = [];
  /** Those whose state is another. @type {Set<import('./own-lines.js').OwnLine>} */ lines = new Set();
  /** People, rooms, unread counts, or which conversation is chosen. */
  around = false;

  /**
   * @param {Conversation} conversation
   * @param {Entry} entry
   */
  add(conversation, entry) {
    const added = this.added.get(conversation);
    if (added) added.push(entry);
    else this.added.set(conversation, [entry]);
  }

  /**
   * @param {Conversation} conversation
   * @param {Entry} entry
   */
  drop(conversation, entry) {
    const added = this.added.get(conversation) ?? [];
    const at = added.indexOf(entry);
    if (at >= 0) added.splice(at, 1);
    else this.dropped.push(entry);
  }

  /** @param {Conversation} conversation that nobody will look at any more */
  closed(conversation) {
    this.added.delete(conversation);
    this.around = true;
  }
}
