export default {
  latchkey: {
    input: '../openapi.json',
    output: {
      target: 'generated/client.ts',
      client: 'fetch',
      // The server in the document is `/`, without a host.
      baseUrl: { runtime: 'process.env.LATCHKEY_URL' },
    },
  },
};
