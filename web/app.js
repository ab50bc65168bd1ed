/** The page: what is heard goes to the conversations, what changed there is shown, and what is wished for is sent. */
import { Composer } from './composer.js';
import { Conversations } from './conversations.js';
import { DoorView } from './door-view.js';
import { Drawer } from './drawer.js';
import { setText, the } from './elements.js';
import { hear } from './hearing.js';
import { LogView } from './log-view.js';
import { changesPeople } from './inquiry.js';
import { isRoom, keyOf, listed } from './name.js';
import { beforeOf, CATCHUP } from './offers.js';
import { PlightView } from './plight-view.js';
import { settle } from './retold.js';
import { SecretView } from './secret-view.js';
import { showCount, Sidebar } from './sidebar.js';
import { meantFor, wishOf } from './typed.js';
import { Visit } from './visit.js';
import { counted } from './words.js';

/** Milliseconds for which somebody who pressed a key or moved the pointer counts as being at the page. */
const PRESENT = 60_000;
const TITLE = 'rxchat';
/** People that the head of a room names. */
const NAMED = 12;

const chat = new Conversations();
const url = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/`;
let active = 0;
let painting = false;

const visit = new Visit(url, chat, {
  entered() {
    const place = the('chat', HTMLElement);
    const isFirst = place.hidden;
    door.hide(chat.me);
    place.hidden = false;
    plight.over();
    // What it said of the connection is not so any more.
    composer.say('');
    changed();
    if (!isFirst) return;
    const offer = chat.isOwner ? CATCHUP : undefined;
    chat.note(
      'You are in. Join a room, or choose somebody to talk with.',
      Date.now(),
      'news',
      chat.server,
      offer,
    );
    show();
    composer.invite();
  },
  refused(why, problem) {
    secret.close();
    the('chat', HTMLElement).hidden = true;
    plight.clear();
    door.show(why, problem?.code);
  },
  heard(told) {
    const now = Date.now();
    const known = new Set([chat.me, ...chat.people.names].map(keyOf));
    if (told.some((one) => changesPeople(one, known))) visit.inquiry.doubt();
    for (const one of told) {
      visit.learn(one);
      hear(chat, one, now);
    }
    settle(chat, now);
    if (now - active < PRESENT) visit.inquiry.attend();
    changed();
  },
  plight(now) {
    if (now) plight.show(now);
    changed();
  },
  ended() {
    secret.close();
    chat.forget();
    the('chat', HTMLElement).hidden = true;
    plight.clear();
    paint();
    door.show();
  },
});

const door = new DoorView((name, password) => visit.enter(name, password));
const plight = new PlightView({
  tryNow: () => visit.hurry(),
  back() {
    visit.back();
    composer.invite();
  },
});
const drawer = new Drawer();
const secret = new SecretView(
  (password) => {
    const why = typed(`/reserve ${password}`);
    if (why !== undefined) composer.say(why);
    return why === undefined;
  },
  () => composer.focus(),
);
const sidebar = new Sidebar(chat, { choose, join });
const log = new LogView({ take, again: (text) => composer.takeBack(text) });
const composer = new Composer({
  line: typed,
  remark(text) {
    const name = meantFor(text, chat.chosen.name);
    if (name === undefined || !chat.people.names.some((one) => one.toLowerCase() === name.toLowerCase()))
      return '';
    return `Everybody in ${chat.chosen.name} will read this. For ${name} alone: /msg ${name}: …`;
  },
  known: () => ({
    commands: chat.commands,
    rooms: [
      ...new Set([
        ...chat.list.filter(({ kind }) => kind === 'room').map(({ name }) => name),
        ...chat.rooms.rooms.map(({ room }) => room),
      ]),
    ],
    people: chat.people.names.filter((name) => !chat.isMe(name)),
  }),
});

/**
 * One line that was typed; answers why it cannot be sent.
 *
 * @param {string} line
 */
function typed(line) {
  const wish = wishOf(line, chat.chosen.name);
  if (wish.do === 'refuse') return wish.why;
  if (!visit.isInside) return 'There is no connection. Your text stays here until there is.';
  if (wish.do === 'turn') {
    if (isRoom(wish.to) && !chat.find(wish.to)?.joined) join(wish.to);
    else choose(wish.to);
    return undefined;
  }
  if (wish.do === 'ask' && wish.word === 'reserve' && wish.rest === '') {
    secret.open(chat.me);
    return undefined;
  }
  if (wish.do === 'say') {
    chat.said(wish, line, Date.now());
    visit.say(wish.line);
  } else {
    chat.asks(wish);
    visit.ask(wish);
  }
  changed();
  return undefined;
}

/** @param {string} name */
function choose(name) {
  chat.choose(chat.with(name));
  show();
  drawer.close();
  composer.invite();
}

/** @param {string} room or several, between blanks */
function join(room) {
  take(`/join ${room}`);
}

/**
 * Somebody wants what typing this would do.
 *
 * @param {string} line
 */
function take(line) {
  drawer.close();
  const why = typed(line);
  if (why !== undefined) composer.say(why);
  composer.invite();
}

/**
 * The next conversation, as the side bar has them.
 *
 * @param {1 | -1} step
 */
function next(step) {
  const inOrder = ['server', 'room', 'person'].flatMap((kind) =>
    chat.list.filter((one) => one.kind === kind),
  );
  const at = inOrder.indexOf(chat.chosen) + step;
  const to = inOrder.at(at % inOrder.length);
  if (to && to !== chat.chosen) choose(to.name);
}

function changed() {
  if (painting) return;
  painting = true;
  // A page that nobody sees has no frames, but a title.
  if (document.hidden) setTimeout(paint, 0);
  else requestAnimationFrame(paint);
}

/** @type {import('./conversation.js').Conversation | undefined} */
let shown;

/** The conversation chosen, as a whole. */
function show() {
  shown = undefined;
  paint();
}

function paint() {
  painting = false;
  const { added, dropped, lines, around } = chat.take();
  const { chosen } = chat;
  if (chosen !== shown) {
    shown = chosen;
    log.show(chosen, chosen.kind === 'person' && chat.isOwner ? beforeOf(chosen) : undefined);
    composer.goesTo(chosen.name);
    frame();
    return;
  }
  log.drop(dropped);
  const entries = added.get(chosen);
  if (entries) log.add(entries, chosen.firstNew);
  log.touch(lines);
  if (around) frame();
}

/** What stands around the log. */
function frame() {
  const { chosen } = chat;
  sidebar.show();
  setText(the('title', HTMLElement), chosen.title);
  setText(the('who', HTMLElement), whoWords(chosen));
  const close = the('close', HTMLButtonElement);
  close.hidden = chosen.kind === 'server' || (chat.isLost && chosen.kind === 'room');
  setText(close, chosen.kind === 'room' && chosen.joined ? 'Leave' : 'Close');
  showCount(the('elsewhere', HTMLElement), chat.unread);
  const unread = chat.unread > 0 ? `(${chat.unread}) ` : '';
  document.title = chat.me === '' ? TITLE : `${unread}${chosen.title} – ${TITLE}`;
}

/** @param {import('./conversation.js').Conversation} conversation */
function whoWords({ kind, joined, isPrivate, people, size }) {
  if (kind === 'server') return 'What the server says';
  if (kind === 'person') return 'Only you two read this';
  if (!joined) return chat.isLost ? '' : 'You are not in this room';
  const others = [...people.values()].filter((name) => !chat.isMe(name));
  const named = others.slice(0, NAMED);
  const shut = isPrivate ? 'Private. ' : '';
  if (size < 2) return `${shut}Only you are here`;
  return `${shut}${counted(size, 'person', 'people')}: ${listed(['you', ...named], size - 1 - named.length)}`;
}

the('close', HTMLButtonElement).addEventListener('click', () => {
  const { chosen } = chat;
  if (chosen.kind === 'room' && chosen.joined) typed(`/leave ${chosen.name}`);
  else {
    chat.close(chosen);
    show();
  }
  composer.invite();
});
the('leave', HTMLButtonElement).addEventListener('click', () => visit.leave());

document.addEventListener('keydown', (event) => {
  if (the('chat', HTMLElement).hidden) return;
  if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    event.preventDefault();
    next(event.key === 'ArrowUp' ? -1 : 1);
  } else if (event.key === 'Escape') {
    drawer.close();
    composer.focus();
  }
});
for (const kind of ['pointerdown', 'pointermove', 'keydown'])
  document.addEventListener(
    kind,
    () => {
      active = Date.now();
      visit.inquiry.attend();
    },
    { passive: true },
  );
addEventListener('online', () => visit.hurry());
document.addEventListener('visibilitychange', () => {
  chat.looking = !document.hidden;
  if (document.hidden) return;
  chat.seen();
  visit.hurry();
  paint();
});

// What is sent in the clear can be read on its way, whatever the server says to it.
if (isSecureContext) for (const warning of document.querySelectorAll('.clear')) warning.remove();
chat.looking = !document.hidden;
door.show();
