/** SageMaker's rule for the names of endpoints and variants. */
export const endpointPattern = /^(?=.{1,63}$)[a-zA-Z0-9](-*[a-zA-Z0-9])*$/;
