/** A request to the candidate before it gets user requests. */
import { z } from 'zod';
import { text } from './scalars.js';

export const request = {
  /** Required, of any type, including null. */
  body: z.unknown().describe('Request body. Text is sent unchanged, any other value as JSON.'),
  contentType: text('a MIME type such as application/json', /^\S{1,256}$/)
    .default('application/json')
    .describe('Content type of the request.'),
  // Bounds: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
  targetModel: text(
    "a model of a multi-model endpoint, relative to the model's prefix",
    /^[!-~][ -~]{0,1023}$/,
  )
    .optional()
    .describe('The model to call, if the endpoint is a multi-model one: its path, such as churn.tar.gz.'),
};
