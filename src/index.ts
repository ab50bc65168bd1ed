/** What embedders import. */
export { ConfigError, type Config, type ConfigOptions } from './config.ts';
export type { EndReason } from './message.ts';
export type { Ended, Listening, ListenerTrouble, Notice, Refused, Stopping, Stuck } from './notice.ts';
export { type Options, serve } from './server.ts';
