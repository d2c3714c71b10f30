// Prints each address of the arguments as the page would spell it again.

import { load } from "./settings.mjs";

const { fromAddress, toAddress, OPENING } = await load("page/state.js");
for (const address of process.argv.slice(2)) {
  console.log(toAddress(fromAddress(address)) || `mission=${OPENING}`); // which the page opens in by itself
}
