/** PostgreSQL on a free port, with its data in a temporary folder. Throws if it is not installed. */
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import getPort from 'get-port';
import { startChild } from '../../../src/processes/child.js';
import { requireTool, runTool } from '../../../src/servers/run-tool.js';
import { RestartableProcess, waitUntilReady } from './restartable.js';

export interface Postgres {
  port: number;
  user: string;
  process: RestartableProcess;
  close(): Promise<void>;
}

const user = 'temporal';
const unprivilegedUser = 'daemon';

export async function openPostgres(): Promise<Postgres> {
  const [initdb, postgres] = [await requireProgram('initdb'), await requireProgram('postgres')];
  const folder = await mkdtemp(join(tmpdir(), 'penstock-postgres-'));
  const lower = await dropPrivileges(folder);
  const data = join(folder, 'data');
  await run([...lower, initdb, '-D', data, '-U', user, '--auth=trust', '--no-sync', '-E', 'UTF8']);
  const port = await getPort({ host: '127.0.0.1' });
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories='];
  const [program = postgres, ...args] = [...lower, postgres, '-D', data, '-p', String(port)];
  const process = await RestartableProcess.start(() =>
    waitUntilReady(startChild(program, [...args, ...settings.flatMap((each) => ['-c', each])]), () =>
      listens(port),
    ),
  );
  const close = async () => {
    await process.stop();
    await rm(folder, { recursive: true });
  };
  return { port, user, process, close };
}

async function requireProgram(name: string): Promise<string> {
  return requireTool(name).catch((error: unknown) => {
    const where =
      'install it, with its server programs on PATH (on Debian they are in /usr/lib/postgresql/*/bin)';
    throw new Error(`PostgreSQL is missing (no ${name} on PATH): ${where}`, { cause: error });
  });
}

/**
 * PostgreSQL refuses to run as root. As root, this returns the beginning of a command line for an unprivileged user, and
 * gives the folder to that user.
 */
async function dropPrivileges(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const [id, setpriv] = [await requireTool('id'), await requireTool('setpriv')];
  const [uid, gid] = await Promise.all(['-u', '-g'].map((which) => runTool(id, [which, unprivilegedUser])));
  if (uid === undefined || gid === undefined)
    throw new Error(`cannot run PostgreSQL: there is no user \`${unprivilegedUser}\``);
  await chown(folder, Number(uid), Number(gid));
  return [setpriv, `--reuid=${uid.trim()}`, `--regid=${gid.trim()}`, '--clear-groups', '--'];
}

async function run([command = '', ...args]: string[]): Promise<void> {
  await runTool(command, args);
}

async function listens(port: number): Promise<boolean> {
  const socket = createConnection({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
