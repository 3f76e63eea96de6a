import { operation } from '../../core/http/operation.ts';
import { fresh } from '../sessions/guards.ts';
import { exportSchema } from './schemas.ts';

export const exportAccount = operation({
  operationId: 'exportAccount',
  guard: fresh,
  method: 'get',
  path: '/profile/me/export',
  tags: ['profile'],
  summary: 'Export your data',
  description:
    'Returns everything that is stored about the account, the picture too, except passwords, tokens and codes. The response is a stream: if the session ends meanwhile, it breaks off and is not valid JSON. The activity shows each export. At most five an hour.',
  limit: { name: 'exportAccount', who: (c) => String(c.get('user').id) },
  answers: {
    200: {
      description: 'The data of the account.',
      headers: {
        'Content-Disposition': {
          description: 'The name of the file.',
          schema: { type: 'string', example: 'attachment; filename="latchkey-export.json"' },
        },
      },
      content: { 'application/json': { schema: exportSchema } },
    },
  },
});
