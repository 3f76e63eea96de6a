import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Account } from './account.tsx';
import { useSession } from './hooks.ts';
import './style.css';
import { Welcome } from './welcome.tsx';

function App() {
  const { isLoading, session, isLost } = useSession();
  if (isLoading) return null;
  // The key gives each login its own state, so that the profile of a previous user does not stay on the page.
  return <main>{session ? <Account key={session.login} /> : <Welcome isLost={isLost} />}</main>;
}

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
