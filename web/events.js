/**
 * What the server says; docs/events.md explains each of the types and fields.
 *
 * @typedef {{ type: 'message', time: string, from: string, room?: string, text: string, about?: 'away' | 'kick' | 'announcement', past?: 'history' | 'search' | 'catchup' | 'mail', to?: string }} Message
 * @typedef {{ type: 'left', room: string, names: string[], more: number }} Left
 * @typedef {{ type: 'entered', room: string, names: string[], more: number }} Entered
 * @typedef {{ type: 'people', room?: string, names: string[], more: number }} People
 * @typedef {{ type: 'person', name: string, since: string, idle: number, away: boolean, rooms: string[], more: number }} Person
 * @typedef {{ room: string, people: number, mine: boolean, private: boolean }} RoomEntry
 * @typedef {{ word: string, args: string, help: string, example: string }} CommandHelp
 * @typedef {{ type: 'receipt', number: number, to: string[], rooms: { room: string, people: number }[], missed: string[], mailed: string[], kept?: boolean }} Receipt
 * @typedef {{ type: 'error', code: string, text: string, number?: number, limit?: number, rooms?: string[], name?: string, command?: string, seconds?: number, until?: string }} Problem
 * @typedef {{ type: 'past', of: 'room' | 'talk' | 'words' | 'absence', what: string, lines: number, more: boolean }} PastEnd
 * @typedef {{ of: string, kind: 'name' | 'address' | 'mute', by: string, why: string, until?: string }} BanEntry
 * @typedef {{ type: 'ordered', deed: 'kick' | 'ban' | 'unban' | 'mute' | 'unmute', of: string, until?: string }} Ordered
 * @typedef {Message | Left | Entered | People | Person | Receipt | Problem | PastEnd | Ordered
 *   | { type: 'joined', room: string, name: string }
 *   | { type: 'renamed', was: string, name: string }
 *   | { type: 'removed', room: string, name: string, by: string }
 *   | { type: 'private', room: string, by: string }
 *   | { type: 'invitation', room: string, by: string }
 *   | { type: 'invited', room: string, name: string }
 *   | { type: 'rooms', rooms: RoomEntry[], more: number }
 *   | { type: 'help', commands: CommandHelp[] }
 *   | ({ type: 'command' } & CommandHelp)
 *   | { type: 'ignoring', names: string[] }
 *   | { type: 'away', away: boolean }
 *   | { type: 'kept', names: string[] }
 *   | { type: 'reserved', name: string, again: boolean }
 *   | { type: 'unreserved', name: string }
 *   | { type: 'bans', bans: BanEntry[], more: number }
 *   | { type: 'storage', ok: boolean, lost: number, node?: string }
 *   | { type: 'cluster', ok: boolean }
 *   | { type: 'welcome', text: string }
 *   | { type: 'pong' }
 *   | { type: 'format' }
 *   | { type: 'receipts' }
 *   | { type: 'target' }} Told
 */

/** The code of what a server says that refuses a connection before `/format json` has been read. */
export const AS_TEXT = 'as-text';

/**
 * Reads one line.
 *
 * @param {string} line
 * @returns {Told}
 */
export function read(line) {
  if (line.startsWith('{')) return JSON.parse(line);
  return { type: 'error', code: AS_TEXT, text: line.replace(/^[!*] /, '') };
}
