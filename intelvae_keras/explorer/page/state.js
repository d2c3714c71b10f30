// The state of an explorer in the page's address, so that a reader can send what he sees.

export function addressOf(name) {
  const read = () => new URLSearchParams(location.search);
  const pending = new Map();
  let timer = null;
  const write = () => {
    timer = null;
    const query = read();
    for (const [key, value] of pending) {
      if (value === null) query.delete(`${name}.${key}`);
      else query.set(`${name}.${key}`, value);
    }
    pending.clear();
    try {
      history.replaceState(history.state, "", `?${query}${location.hash}`);
    } catch {
      // An address that cannot change, as of a page inside of a notebook. Nothing else depends on it.
    }
  };
  return {
    text: (key, fallback, allowed) => {
      const value = read().get(`${name}.${key}`);
      return value !== null && (!allowed || allowed.includes(value)) ? value : fallback;
    },
    number: (key, fallback, low, high) => {
      const text = read().get(`${name}.${key}`);
      const value = Number(text);
      return text && Number.isFinite(value) ? Math.min(Math.max(value, low), high) : fallback;
    },
    // Browsers refuse too many changes a second, so the last one is written when all is quiet.
    set(changes) {
      for (const [key, value] of Object.entries(changes)) pending.set(key, value);
      clearTimeout(timer);
      timer = setTimeout(write, 300);
    },
  };
}
