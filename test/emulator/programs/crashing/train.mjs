// Fails, and says why in the way of SageMaker's training contract.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

await writeFile(join(process.env.SM_OUTPUT_DIR, 'failure'), 'the data is of the wrong shape');
process.exit(3);
