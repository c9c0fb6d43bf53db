/** What workflow code is bundled of, from source or as it was built. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const pathOf = (name: string) =>
  fileURLToPath(new URL(`../${name}${extname(import.meta.url)}`, import.meta.url));

export const bundleParts = {
  workflowsPath: pathOf('index'),
  payloadConverterPath: pathOf('temporal/payload-converter'),
  workflowInterceptorModules: [pathOf('temporal/early-query-interceptor')],
};

/** For workers that encrypt, besides. */
export const encryptingParts = { failureConverterPath: pathOf('temporal/failure-converter') };
