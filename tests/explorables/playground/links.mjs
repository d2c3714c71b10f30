// Prints each address of the arguments as the page would spell it again.

import { load } from "./settings.mjs";

const { fromAddress, toAddress } = await load("page/state.js");
process.argv.slice(2).forEach((address) => console.log(toAddress(fromAddress(address))));
