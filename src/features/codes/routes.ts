import { json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { Logger } from '../../core/log.ts';
import { toLogInToken } from '../sign-in/contract.ts';
import { logInByCode, requestLoginCode, requestReauthenticationCode } from './contract.ts';
import { presentedIn, requesterOf } from './requester.ts';
import type { CodeService } from './service.ts';
import type { CodeStore } from './store.ts';

interface CodeFeatureParts {
  readonly codeService: CodeService;
  readonly codes: Pick<CodeStore, 'removeExpired'>;
  readonly log: Logger;
}

/** Logs in with links and codes. */
export const codeFeature = ({ codeService, codes, log }: CodeFeatureParts): Feature => ({
  addRoutes({ add }) {
    add(requestLoginCode, async (c) => {
      await codeService.requestLogin(c.req.valid('json').username, requesterOf(c, log));
      return json(c, {}, 202);
    });

    add(logInByCode, async (c) => {
      const { device_token: deviceToken, ...body } = c.req.valid('json');
      const login = await codeService.logIn(presentedIn(body), deviceToken, c.get('caller'));
      return json(c, toLogInToken(login), 200);
    });

    add(requestReauthenticationCode, async (c) => {
      await codeService.requestReauthentication(c.get('user'), requesterOf(c, log));
      return json(c, {}, 202);
    });
  },
  jobs: [{ name: 'codes', removeSome: (limit) => codes.removeExpired(limit) }],
});
