/** `train.settings`: of the training job. */
import { memberSchema } from './member-schema.js';
import { trainingSettingsOf } from './refused-members.js';

/** Both models of a spec refer to one definition of the published JSON Schema. */
export const trainingSettings = memberSchema(trainingSettingsOf).meta({ id: 'CreateTrainingJob' });
