import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A substitute for S3, as far as programs need it. `s3://examples/NAME/...` is the folder NAME/... of the programs'
 * folder (read only). Any other URI is a folder below the emulator's data folder. An archive such as model.tar.gz is
 * a folder too: it is never packed.
 */
export class Artefacts {
  constructor(
    private readonly programs: string,
    private readonly data: string,
  ) {}

  /** The folder of a URI, which need not exist. Null if the URI is not a plain S3 URI. */
  folderOf(uri: string): string | null {
    const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/.exec(uri) ?? [];
    if (!bucket || !key) return null;
    const parts = key.split('/').filter((part) => part !== '');
    if (parts.some((part) => !/^[\w.=+-]+$/.test(part) || /^\.+$/.test(part))) return null;
    return bucket === 'examples' ? join(this.programs, ...parts) : join(this.data, 's3', bucket, ...parts);
  }

  has(uri: string): boolean {
    const folder = this.folderOf(uri);
    return folder !== null && existsSync(folder);
  }
}
