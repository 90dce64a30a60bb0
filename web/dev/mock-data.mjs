// DEVELOPMENT AND TESTS ONLY. Texts for the mock server: written for this purpose, about nobody.

export const zhHandbook = `员工手册（2025 年修订）

第一章 总则

本手册适用于公司全体正式员工、试用期员工和实习生。劳务派遣人员参照执行。手册自 2025 年 3 月 1 日起施行，由人力资源部负责解释。

第二章 工作时间与休假

2.1 工作时间
公司实行每周五天、每天八小时工作制。弹性上班时间为 8:30 至 10:00，核心工作时间为 10:00 至 16:00。

2.2 年休假
员工累计工作已满一年不满十年的，年休假 5 天；已满十年不满二十年的，年休假 10 天；已满二十年的，年休假 15 天。国家法定休假日、休息日不计入年休假的假期。未休的年假可以顺延到次年 3 月 31 日，逾期作废，但因工作需要未能安排的，公司按日工资的 300% 支付报酬。

2.3 病假
员工请病假须在当天 10:00 前通知直属主管，并在返岗后三个工作日内提交医院证明。全年累计病假在 10 个工作日以内的，按基本工资的 80% 发放。

第三章 差旅与报销

3.1 差旅标准
出差住宿标准：一线城市每晚不超过 600 元，其他城市每晚不超过 400 元。乘坐高铁以二等座为准；单程超过六小时的，可以乘坐一等座。𠮷野分公司另有规定的，从其规定。

3.2 报销期限
差旅费用应在行程结束后 30 天内提交报销，附发票与行程单。超过 30 天的，须由部门负责人书面说明；超过 90 天的，不予报销。财务部在收到完整单据后 7 个工作日内付款。

第四章 信息安全

员工不得将客户资料存放在个人设备或者公共网盘。电脑离开视线时应当锁屏。发现资料外泄，应在两小时内报告信息安全负责人（分机 8021）。
`;

export const zhLease = `房屋租赁合同

第一条 租赁标的
甲方将位于杭州市西湖区文三路 188 号 6 幢 1203 室的房屋出租给乙方，建筑面积 89.6 平方米，仅作居住使用。

第二条 租期与租金
租期自 2025 年 6 月 1 日至 2027 年 5 月 31 日。月租金为人民币 6,800 元，每三个月支付一次，乙方应在每期开始前 5 日内付清。逾期付款的，每逾期一日按欠付金额的万分之五支付违约金。

第三条 押金
乙方在签约当日支付押金 13,600 元。租期届满，乙方结清费用并交还房屋后，甲方应在 7 日内无息退还押金。

第四条 提前解约
任何一方提前解约，应提前 30 日书面通知对方，并支付相当于一个月租金的违约金。乙方拖欠租金超过 15 日的，甲方有权解除合同。
`;

export const enReport = `Tidal Flat Survey, Northern Estuary
Annual report 2024

1. Summary
We counted waders on 14 tidal flats between April and October 2024. The number of dunlin fell by 23% against 2019, while curlew rose slightly, from 412 to 437 birds. Sediment cores show that the mud on flats 3 and 7 has become coarser since the causeway was widened in 2021.

2. Methods
Counts were made within two hours of high water, by two observers, at intervals of ten days. Each flat was divided into plots of one hectare. A count was repeated when the two observers differed by more than 10%. Cores of 30 cm were taken in May and September with a hand corer.

3. Results
Dunlin were most abundant on flat 5, with a peak of 3,180 birds on 12 August. On flats 3 and 7 the mean grain size grew from 62 to 118 micrometres, and lugworm density fell from 41 to 17 per square metre. No oiled birds were found. The temperature logger on flat 9 was lost in a storm on 3 October; its data end on 28 September.

4. Recommendations
We recommend that the sluice at Harrow Point stay open during spring tides, so that fine sediment reaches flat 3 again. Dog walking should be kept off flat 5 from July to September. The survey should be repeated every second year at a cost of about 46,000 pounds.
`;

/** Of two pages, as the mock sets them. */
export const kelpNotes = `Drying the kelp
Fresh kelp hangs on the north racks for nine days before it is carried inside.
Racks are never placed below the tide line of the harbour wall.
${"\n".repeat(24)}
Weighing the kelp
A bundle of dried kelp weighs seven kilograms and is tied with two knots.
The clerk enters every bundle in the blue ledger before noon.
`;

const row = (name, kind, bytes, pages, chunks, extra = {}) => ({
  name, kind, bytes, pages, chunks, status: "ready", stage: "publishing", warnings: [], error: null, ...extra,
});

const failed = (code, message) => ({ status: "failed", chunks: 0, error: { code, message } });

const scanned = Array.from({ length: 24 }, (_, index) => {
  const page = index + 1;
  if (page === 7 || page === 8) return { code: "page_without_text", page, message: `第 ${page} 页没有文字，OCR 也没有识别到。` };
  return { code: "page_read_by_ocr", page, message: `第 ${page} 页由 OCR 识别，把握 ${98 - ((page * 7) % 27)}%。` };
});

export const shelves = [
  {
    name: "我的文档",
    description: "",
    documents: [
      row("档案/1987 年航海日志（扫描）.pdf", "pdf", 48_220_500, 240, 0, {
        status: "running", stage: "reading", pages_done: 88, seconds_left: 96,
      }),
      row("档案/1988 年航海日志（扫描）.pdf", "pdf", 46_020_100, null, 0, { status: "queued", stage: "queued" }),
      row("制度/员工手册（2025 年修订）.pdf", "pdf", 1_284_310, 2, 126, {
        text: zhHandbook, tags: ["制度", "人事"], author: "人力资源部", created: "2025-02-18",
      }),
      row("合同/房屋租赁合同.docx", "docx", 48_210, null, 14, {
        text: zhLease, tags: ["合同"], title: "文三路 188 号租约", created: "2025-05-20",
      }),
      row("Tidal Flat Survey 2024.pdf", "pdf", 5_620_118, 2, 152, {
        text: enReport, tags: ["survey"], author: "H. Lindqvist", created: "2024-11-30",
        warnings: [{ code: "page_without_text", page: 7, message: "Page 7 has no text" }],
      }),
      row("会议纪要/2024 年度董事会.docx", "docx", 92_004, null, 31, { tags: ["会议"], created: "2024-12-12" }),
      row("扫描件/老照片说明.pdf", "pdf", 18_220_500, 12, 0,
        failed("damaged_file", "文件已损坏，打不开。请换一份完好的再试。")),
      row("扫描件/地方志卷三.pdf", "pdf", 31_104_400, 24, 88, { warnings: scanned, tags: ["地方志"], created: "1998-05-01" }),
      row("notes/reading list.md", "markdown", 6_120, null, 5),
      row("财务/2023 审计报告.pdf", "pdf", 3_310_000, 0, 0,
        failed("password_required", "文件有密码保护，或密码不对。")),
      row("archive/1998 catalogue.html", "html", 412_004, null, 88, { created: "1998-10-02" }),
    ],
  },
  { name: "Estuary project", description: "", documents: [row("Tidal Flat Survey 2024.pdf", "pdf", 5_620_118, 2, 152, { text: enReport })] },
  { name: "读书笔记", description: "", documents: [] },
];

/** For looking at how the list behaves when there are very many. */
export function manyDocuments(count) {
  return Array.from({ length: count }, (_, index) => {
    const extra = index % 97 === 5 ? failed("damaged_file", "The file is damaged and cannot be opened.") : {};
    return row(`folder ${Math.floor(index / 100)}/document ${index}.pdf`, "pdf", 10_000 + index * 37, 3 + (index % 40), 5 + (index % 90), extra);
  });
}
