/** What embedders import. */
export { ConfigError } from './config.ts';
export type { Config, ConfigOptions } from './options.ts';
export type { EndReason } from './message.ts';
export type {
  Damage,
  Ended,
  Endpoint,
  Listening,
  ListenerTrouble,
  Notice,
  Refused,
  Reloaded,
  Stopping,
  Storage,
  Stuck,
} from './notice.ts';
export { type Options, serve } from './server.ts';
export { StoreUnusable } from './store/unusable.ts';
