export default {
  latchkey: {
    input: '../openapi.json',
    output: {
      target: 'generated/client.ts',
      client: 'fetch',
      // The document names no host: its server is `/`.
      baseUrl: { runtime: 'process.env.LATCHKEY_URL' },
    },
  },
};
