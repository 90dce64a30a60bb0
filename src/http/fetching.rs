//! The words for web addresses that were not fetched: Chinese message and hint, English message and hint.

pub(super) const URL_INVALID: [&str; 4] = [
    "网址无法使用：{detail}。",
    "请给出 http 或 https 开头的完整网址，不要带用户名和密码。",
    "The web address cannot be used: {detail}.",
    "Give a whole address that begins with http or https, without a user name or password.",
];

pub(super) const URL_REFUSED: [&str; 4] = [
    "不抓取 {host}：它位于内部网络或保留网络。",
    "如果这是贵单位的内网，请把它的网段加入 wenyuan.toml 的 fetch.allow；也可以先下载再上传。",
    "{host} is not fetched: it lies in a private or reserved network.",
    "If it is your own network, add it to fetch.allow in wenyuan.toml, or download the file and upload it.",
];

pub(super) const URL_PORT_REFUSED: [&str; 4] = [
    "不从端口 {port} 抓取。",
    "如果确有需要，请把端口加入 wenyuan.toml 的 fetch.ports；也可以先下载再上传。",
    "Nothing is fetched from port {port}.",
    "If that is right, add the port to fetch.ports in wenyuan.toml, or download the file and upload it.",
];

pub(super) const URL_DOWNGRADED: [&str; 4] = [
    "{host} 从 https 跳转到不加密的 http，没有继续。",
    "请给出最终的网址，或先下载再上传。",
    "{host} leads from https to http without encryption, which was not followed.",
    "Give the address that it leads to, or download the file and upload it.",
];

pub(super) const URL_STATUS: [&str; 4] = [
    "{host} 没有给出文件：状态码 {status}。",
    "请在浏览器里打开这个网址核对；需要登录的内容请先下载再上传。",
    "{host} gave no file: it answered with status {status}.",
    "Open the address in a browser; download what needs a login and upload it.",
];

pub(super) const TOO_MANY_REDIRECTS: [&str; 4] = [
    "网址跳转超过 {max} 次，没有继续。",
    "请给出最终的网址。",
    "The address leads on to another more than {max} times.",
    "Give the address that it leads to in the end.",
];

pub(super) const URL_TOO_LARGE: [&str; 4] = [
    "网址上的文件太大：最多 {max}。",
    "请拆分文件，或调大 wenyuan.toml 的 server.max_file_mb。",
    "What lies at the address is too large: the most is {max}.",
    "Split it, or raise server.max_file_mb in wenyuan.toml.",
];

pub(super) const URL_UNREACHABLE: [&str; 4] = [
    "无法从 {host} 抓取：{detail}。",
    "请检查网址和网络，然后重试。",
    "{host} cannot be reached: {detail}.",
    "Check the address and the network, then try again.",
];

pub(super) const URL_TIMEOUT: [&str; 4] = [
    "抓取超过 {seconds} 秒。",
    "请重试，或调大 wenyuan.toml 的 fetch.seconds；也可以先下载再上传。",
    "Fetching took longer than {seconds} seconds.",
    "Try again, raise fetch.seconds in wenyuan.toml, or download the file and upload it.",
];

pub(super) const URL_DISABLED: [&str; 4] = [
    "本服务不抓取网址。",
    "请先下载再上传，或在 wenyuan.toml 里设置 fetch.enabled = true。",
    "This server does not fetch web addresses.",
    "Download the file and upload it, or set fetch.enabled = true in wenyuan.toml.",
];
