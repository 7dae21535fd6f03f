/** Cloud Run closes a request after 300 s; waiting longer is waiting for nobody. */
export const longTimeoutSeconds = 295
