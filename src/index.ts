/** What embedders import. */
export { ClusterUnusable } from './cluster/unusable.ts';
export { ConfigError } from './config.ts';
export type { Config, ConfigOptions } from './options.ts';
export type { EndReason } from './message.ts';
export type {
  ClusterNotice,
  Damage,
  Ended,
  Endpoint,
  Listening,
  ListenerTrouble,
  NodeNotice,
  Notice,
  Refused,
  Reloaded,
  Stopping,
  Storage,
  Stuck,
} from './notice.ts';
export { type Options, serve } from './serve.ts';
export { StoreUnusable } from './store/unusable.ts';
