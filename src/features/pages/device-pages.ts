import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import { createDeviceService, type DeviceParts } from '../devices/service.ts';
import type { Device } from '../devices/store.ts';
import { agentRow } from './agent-row.ts';
import { attempt, failureOf, problemNotice } from './form.ts';
import type { Page, UserVisit, View } from './page.ts';
import { SECURITY, withDone } from './target.ts';

const PATH = '/account/devices';

/** Lists and removes the devices that the account knows. */
export function devicePages(parts: DeviceParts): readonly Page[] {
  const devices = createDeviceService(parts);

  function row(visit: UserVisit, device: Device): Markup {
    const { devices: texts } = visit.texts.account;
    return agentRow(visit, {
      of: device,
      labels: texts,
      carried: { device: device.id },
      button: texts.remove,
    });
  }

  async function view(visit: UserVisit, error?: AppError): Promise<View> {
    const { title, about, none } = visit.texts.account.devices;
    const list = await devices.list(visit.login.user.id);
    const content = markup`${error && problemNotice(visit, error)}
<p>${list.length === 0 ? none : about}</p>
<ul class="rows">
${list.map((device) => row(visit, device))}</ul>`;
    return { title, content, section: SECURITY, ...failureOf(error) };
  }

  return [
    {
      path: PATH,
      access: 'user',
      show: (visit) => view(visit),

      async submit(visit, fields) {
        const { user, session } = visit.login;
        const owner = { id: user.id, sessionId: session.id };
        const outcome = await attempt(['not_found'], () =>
          devices.remove(fields.get('device') ?? '', owner, visit.requester.caller),
        );
        if ('error' in outcome) return view(visit, outcome.error);
        return { to: withDone(PATH, 'deviceRemoved') };
      },
    },
  ];
}
