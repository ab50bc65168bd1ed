/** The side bar: conversations with what is unread in them, rooms to join, who is here. */
import { hueOf } from './colours.js';
import { made, setText, the, unseen } from './elements.js';
import { keyOf } from './name.js';
import { Rows } from './rows.js';
import { counted } from './words.js';

/** @typedef {import('./conversation.js').Conversation} Conversation */
/** @typedef {{ name: string, conversation: Conversation | undefined, chosen: boolean, here: boolean }} Row */

export class Sidebar {
  #chat;
  #joined;
  #server;
  #people;
  #others;

  /**
   * @param {import('./conversations.js').Conversations} chat
   * @param {{ choose: (name: string) => void, join: (room: string) => void }} wishes
   */
  constructor(chat, { choose, join }) {
    this.#chat = chat;
    const rows = (/** @type {string} */ id) =>
      /** @type {Rows<Row>} */ (new Rows(the(id, HTMLUListElement), () => conversationRow(choose)));
    this.#server = rows('server');
    this.#joined = rows('joined');
    this.#people = rows('people');
    /** @type {Rows<import('./events.js').RoomEntry>} */
    this.#others = new Rows(the('other-rooms', HTMLUListElement), () => otherRow(join));
    const form = the('join', HTMLFormElement);
    const field = the('room', HTMLInputElement);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const rooms = field.value.split(/[\s,]+/u).filter((room) => room !== '' && room !== '#');
      if (rooms.length === 0) return;
      join(rooms.map((room) => (room.startsWith('#') ? room : `#${room}`)).join(' '));
      field.value = '';
    });
  }

  show() {
    const { list, people, rooms, me } = this.#chat;
    /** @param {Conversation[]} some */
    const rows = (some) => some.map((one) => /** @type {const} */ ([one.key, this.#row(one.name, one)]));
    this.#server.show(rows([this.#chat.server]));
    this.#joined.show(rows(list.filter(({ kind }) => kind === 'room')));
    const talkedWith = list.filter(({ kind }) => kind === 'person');
    const others = people.names.filter((name) => !this.#chat.isMe(name) && !this.#chat.find(name));
    others.sort((a, b) => a.localeCompare(b));
    this.#people.show([
      ...rows(talkedWith),
      ...others.map((name) => /** @type {const} */ ([keyOf(name), this.#row(name, undefined)])),
    ]);
    const open = rooms.rooms.filter(({ room }) => !this.#chat.find(room));
    this.#others.show(open.map((entry) => /** @type {const} */ ([keyOf(entry.room), entry])));
    the('others', HTMLElement).hidden = open.length + rooms.more === 0;
    setText(the('more-rooms', HTMLElement), rooms.more > 0 ? `and ${rooms.more} more` : '');
    setText(the('more-people', HTMLElement), this.#remaining(others.length + talkedWith.length));
    setText(the('me', HTMLElement), me);
    the('me', HTMLElement).style.setProperty('--hue', String(hueOf(me)));
  }

  /** @param {number} shown */
  #remaining(shown) {
    const { more } = this.#chat.people;
    if (more > 0) return `and ${more} more`;
    return shown === 0 ? 'Nobody else is here.' : '';
  }

  /**
   * @param {string} name
   * @param {Conversation | undefined} conversation
   * @returns {Row}
   */
  #row(name, conversation) {
    const here = conversation === undefined || this.#chat.isThere(conversation);
    return {
      name,
      conversation,
      chosen: conversation !== undefined && conversation === this.#chat.chosen,
      here,
    };
  }
}

/** @param {(name: string) => void} choose */
function conversationRow(choose) {
  const name = made('bdi', 'title');
  const state = made('span', 'hint');
  const count = made('span', 'count');
  const button = made('button', 'row', name, state, count);
  button.type = 'button';
  let chooses = '';
  button.addEventListener('click', () => choose(chooses));
  /** @param {Row} row */
  const update = (row) => {
    const unread = row.conversation?.unread ?? 0;
    chooses = row.name;
    setText(name, row.name === '' ? 'Server' : row.name);
    name.title = row.name;
    const isPerson = row.name !== '' && !row.name.startsWith('#');
    name.classList.toggle('name', isPerson);
    if (isPerson) name.style.setProperty('--hue', String(hueOf(row.name)));
    setText(state, row.here ? '' : isPerson ? 'not here' : 'not in it');
    button.classList.toggle('waits', unread > 0);
    if (row.chosen) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
    showCount(count, unread);
  };
  return { child: button, update };
}

/** @param {(room: string) => void} join */
function otherRow(join) {
  const name = made('bdi', 'title');
  const people = made('span', 'hint');
  const button = made('button', 'row', unseen('Join '), name, people);
  button.type = 'button';
  button.addEventListener('click', () => join(name.textContent ?? ''));
  /** @param {import('./events.js').RoomEntry} entry */
  const update = (entry) => {
    setText(name, entry.room);
    name.title = entry.room;
    setText(people, `${counted(entry.people, 'person', 'people')}${entry.private ? ', private' : ''}`);
  };
  return { child: button, update };
}

/**
 * @param {HTMLElement} place
 * @param {number} unread
 */
export function showCount(place, unread) {
  if (place.textContent === (unread > 0 ? `${unread} unread` : '')) return;
  place.replaceChildren(...(unread > 0 ? [String(unread), unseen(' unread')] : []));
}
