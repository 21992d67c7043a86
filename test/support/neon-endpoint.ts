/** For `neonConfig.fetchEndpoint`: where the gateway with this host and port listens. Without Node, for Workers too. */
export const endpointOf = (host: string, port: number | string) => `http://${host}:${port}/sql`
