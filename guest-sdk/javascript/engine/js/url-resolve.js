// url.resolve: a link against an address, as Node did before there was URL.
(function (native, platform) {
  "use strict";
  const { Url, parse, SLASHED, HOSTLESS } = platform.legacyUrl;

  const finished = (url) => {
    url.href = url.format();
    return url;
  };
  const withPath = (url) => {
    if (url.pathname !== null || url.search !== null) url.path = (url.pathname || "") + (url.search || "");
    return url;
  };
  // A host that stands in the path of what has no slashes, perhaps with `auth@`.
  const hostFromPath = (url, host) => {
    url.hostname = url.host = host;
    if (host && host.indexOf("@") > 0) {
      const parts = host.split("@");
      url.auth = parts[0];
      url.host = url.hostname = parts[1];
    }
  };

  // The link has another scheme.
  const otherScheme = (url, link) => {
    if (!SLASHED.has(link.protocol)) return finished(Object.assign(url, link));
    url.protocol = link.protocol;
    if (!link.host && !/^file:?$/.test(link.protocol) && !HOSTLESS.has(link.protocol)) {
      const path = (link.pathname || "").split("/");
      while (path.length > 0 && !(link.host = path.shift()));
      link.host ||= "";
      link.hostname ||= "";
      if (path[0] !== "") path.unshift("");
      if (path.length < 2) path.unshift("");
      url.pathname = path.join("/");
    } else {
      url.pathname = link.pathname;
    }
    url.search = link.search;
    url.query = link.query;
    url.host = link.host || "";
    url.auth = link.auth;
    url.hostname = link.hostname || link.host;
    url.port = link.port;
    if (url.pathname || url.search) url.path = (url.pathname || "") + (url.search || "");
    url.slashes ||= link.slashes;
    return finished(url);
  };

  // The path without `.` and `..`; how many of the latter led above its top.
  const walked = (path) => {
    let up = 0;
    for (let i = path.length - 1; i >= 0; i--) {
      if (path[i] === ".") {
        path.splice(i, 1);
      } else if (path[i] === "..") {
        path.splice(i, 1);
        up++;
      } else if (up > 0) {
        path.splice(i, 1);
        up--;
      }
    }
    return up;
  };

  platform.resolveUrl = (from, to) => {
    const base = parse(from, false, true);
    const link = typeof to === "string" ? new Url().parse(to, false, true) : Object.assign(new Url(), to);
    const url = Object.assign(new Url(), base);
    url.hash = link.hash;
    if (link.href === "") return finished(url);
    if (link.slashes && !link.protocol) {
      const { protocol } = url;
      Object.assign(url, link, { protocol });
      if (SLASHED.has(protocol) && url.hostname && !url.pathname) url.path = url.pathname = "/";
      return finished(url);
    }
    if (link.protocol && link.protocol !== url.protocol) return otherScheme(url, link);

    const baseIsAbsolute = url.pathname && url.pathname[0] === "/";
    const linkIsAbsolute = link.host || (link.pathname && link.pathname[0] === "/");
    let absolute = linkIsAbsolute || baseIsAbsolute || (url.host && link.pathname);
    const removeAllDots = absolute;
    let path = (url.pathname && url.pathname.split("/")) || [];
    const linkPath = (link.pathname && link.pathname.split("/")) || [];
    const noSlashes = url.protocol && !SLASHED.has(url.protocol);
    const intoPath = (path, host) => (path[0] === "" ? (path[0] = host) : path.unshift(host));
    if (noSlashes) {
      url.hostname = "";
      url.port = null;
      if (url.host) intoPath(path, url.host);
      url.host = "";
      if (link.protocol) {
        link.hostname = link.port = url.auth = null;
        if (link.host) intoPath(linkPath, link.host);
        link.host = null;
      }
      absolute = absolute && (linkPath[0] === "" || path[0] === "");
    }
    if (linkIsAbsolute) {
      if (link.host || link.host === "") {
        if (url.host !== link.host) url.auth = null;
        url.host = link.host;
        url.port = link.port;
      }
      if (link.hostname || link.hostname === "") {
        if (url.hostname !== link.hostname) url.auth = null;
        url.hostname = link.hostname;
      }
      url.search = link.search;
      url.query = link.query;
      path = linkPath;
    } else if (linkPath.length > 0) {
      path.pop();
      path = path.concat(linkPath);
      url.search = link.search;
      url.query = link.query;
    } else if (link.search !== null && link.search !== undefined) {
      if (noSlashes) hostFromPath(url, path.shift());
      url.search = link.search;
      url.query = link.query;
      return finished(withPath(url));
    }
    if (path.length === 0) {
      url.pathname = null;
      url.path = url.search ? `/${url.search}` : null;
      return finished(url);
    }
    const last = path[path.length - 1];
    const slashAtEnd = ((url.host || link.host || path.length > 1) && (last === "." || last === "..")) || last === "";
    let up = walked(path);
    if (!absolute && !removeAllDots) {
      while (up-- > 0) path.unshift("..");
    }
    if (absolute && path[0] !== "" && (!path[0] || path[0][0] !== "/")) path.unshift("");
    if (slashAtEnd && !path.join("/").endsWith("/")) path.push("");
    const isAbsolute = path[0] === "" || (path[0] && path[0][0] === "/");
    if (noSlashes) hostFromPath(url, isAbsolute ? "" : path.length > 0 ? path.shift() : "");
    absolute = absolute || (url.host && path.length > 0);
    if (absolute && !isAbsolute) path.unshift("");
    if (path.length === 0) url.pathname = url.path = null;
    else url.pathname = path.join("/");
    withPath(url);
    url.auth = link.auth || url.auth;
    url.slashes ||= link.slashes;
    return finished(url);
  };
});
