/** A process for a test to kill: starts a server (`owner.ts dev|test`) and prints the server's process id. */
import { execFileSync } from 'node:child_process';
import { startDevServer } from '../../src/servers/dev-server.js';
import { startTestServer } from '../../src/servers/test-server.js';

const start = process.argv[2] === 'dev' ? startDevServer : startTestServer;
await start({ log: () => undefined });

const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
const fields = processes.map((line) => line.trim().split(/\s+/));
const server = fields.find(([, parent, command]) => parent === String(process.pid) && command !== 'ps');
console.log(server?.[0]);
