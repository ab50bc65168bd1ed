import { getuid } from 'node:process';
import { firstLine } from './version.js';

const server = 'bench.local';

// JOIN is not understood before the welcome. `ident` is how the server writes a name that it has not asked about.
const irc = (ident, enter) => ({
  greet: 'NICK {me}\r\nUSER {me} 0 * :{me}\r\n',
  after: ' 001 ',
  enter: `${enter}PING :in\r\n`,
  in: ' PONG ',
  refused: 'ERROR',
  aside: [`:${server} `],
  ping: 'PING',
  pong: `PONG ${server}\r\n`,
  line: 'PRIVMSG {to} :',
  said: `:{from}!${ident}{from}@{address} PRIVMSG {to} :`,
  end: '\r\n',
});

// The news of who joins a channel begin with a name.
const ircDialects = (ident) => ({
  direct: irc(ident, ''),
  room: {
    ...irc(ident, 'JOIN #room\r\n'),
    'greet-sender': irc(ident, '').greet,
    aside: [':'],
    room: '#room',
  },
});

const shared = { maxText: 400 };

export const inspircd = {
  ...shared,
  name: 'inspircd',
  title: 'InspIRCd: a channel that anybody may write to',
  version: () => firstLine('inspircd', ['--version']),
  config: ({ port, directory, limits }) => `
<server name="${server}" description="bench" network="bench">
<admin name="bench" nick="bench" email="bench@${server}">
<bind address="127.0.0.1" port="${port}" type="clients">
<connect allow="*" timeout="60" pingfreq="3600" fakelag="no" threshold="1000000" commandrate="1000000000"
  localmax="100000" globalmax="100000" maxconnwarn="no" resolvehostnames="no" useident="no" recvq="1048576"
  ${limits ? '' : 'hardsendq="1073741824" softsendq="1073741824"'}>
<performance softlimit="100000" somaxconn="4096" netbuffersize="65536" quietbursts="yes">
<options defaultmodes="">
<files motd="/dev/null">
<pid file="${directory}/pid">
`,
  command: ({ config }) => [
    'inspircd',
    ...['--config', config, '--nofork', '--nolog', ...(getuid() === 0 ? ['--runasroot'] : [])],
  ],
  dialects: ircDialects(''),
};

export const ngircd = {
  ...shared,
  name: 'ngircd',
  title: 'ngIRCd: a channel that anybody may write to',
  version: () => firstLine('ngircd', ['--version']),
  config: ({ port }) => `
[Global]
Name = ${server}
Info = bench
Listen = 127.0.0.1
Ports = ${port}
PidFile =
MotdPhrase = bench
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
`,
  command: ({ config }) => ['ngircd', '--nodaemon', '--config', config],
  dialects: ircDialects('~'),
};
