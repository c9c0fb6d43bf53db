/** What SageMaker allows as the name of an endpoint, and of a variant. */
export const endpointPattern = /^(?=.{1,63}$)[a-zA-Z0-9](-*[a-zA-Z0-9])*$/;
