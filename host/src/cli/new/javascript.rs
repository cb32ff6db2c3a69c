//! JavaScript and TypeScript: a file, and tests for Node's own runner.

use super::{Kit, files, nothing_made};

pub(super) const JAVASCRIPT: Kit = Kit {
    name: "js",
    source: "action.js",
    needs: "nothing; the tests need Node.js",
    test: "node --test",
    more: "",
    shared: &[],
    mfa: files!("javascript/mfa": "action.js", "action.test.js"),
    redirect: files!("javascript/redirect": "action.js", "action.test.js"),
    deny: files!("javascript/deny": "action.js", "action.test.js"),
    form: files!("javascript/form": "action.js", "action.test.js"),
    made: nothing_made,
};

pub(super) const TYPESCRIPT: Kit = Kit {
    name: "ts",
    source: "action.ts",
    needs: "nothing; the tests need Node.js 22.18 or newer",
    test: "node --test",
    more: "\nThe types are in `flowhost.d.ts`; editors find them, and `npx tsc` checks with them.\n",
    shared: &[
        ("tsconfig.json", include_str!("templates/typescript/tsconfig.json")),
        ("flowhost.d.ts", include_str!("../../../kits/javascript/index.d.ts")),
    ],
    mfa: files!("typescript/mfa": "action.ts", "action.test.mjs"),
    redirect: files!("typescript/redirect": "action.ts", "action.test.mjs"),
    deny: files!("typescript/deny": "action.ts", "action.test.mjs"),
    form: files!("typescript/form": "action.ts", "action.test.mjs"),
    made: nothing_made,
};
