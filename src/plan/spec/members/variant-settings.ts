/** `serve.variant`: settings of the candidate's variant. */
import { memberSchema } from './member-schema.js';
import { variantSettingsOf } from './refused-members.js';

export const variantSettings = memberSchema(variantSettingsOf);
