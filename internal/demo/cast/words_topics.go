package cast

// topics are the worries of each category.
var topics = map[string][]topic{
	"labour":             labourTopics,
	"funding":            fundingTopics,
	"land":               landTopics,
	"technology":         technologyTopics,
	"talent":             talentTopics,
	"approval":           approvalTopics,
	"policy":             policyTopics,
	"market":             marketTopics,
	"energy_environment": energyTopics,
	"infrastructure":     infrastructureTopics,
	"other":              otherTopics,
}

var labourTopics = []topic{
	{
		fits: companies, lead: "hrss", joined: []string{"@", "union"}, urgent: 12,
		about: "{job}招工",
		titles: []string{
			"缺{n5-60}名{job}，招了{n2-9w}周没招满",
			"{job}招不到人，{unit}还缺{n5-60}个",
			"想请帮忙招{n5-60}名{job}，工资{n50-85p}00元起",
			"{job}缺口{n5-60}人，{unit}只能开半班",
			"急招{job}{n5-60}名，要在{n2-6m}周内到岗",
		},
		opens: []string{
			"{we}的{unit}接了新单子，{job}还缺{n5-60}人。",
			"{we}在{place}，{job}一直缺人，现在缺口是{n5-60}个。",
			"年后走了一批老员工，{job}空着{n5-60}个位置，{unit}排不开班。",
			"{unit}准备多开一个班，算下来要{n5-60}名{job}，到现在没招到几个。",
		},
		facts: []string{
			"招聘平台上挂了{n2-9w}周，来看的人不少，留下来的没几个。",
			"工资给到一个月{n50-85p}00元，[包住|管两顿饭|有夜班补贴]，还是招不满。",
			"[年轻人嫌倒班|来面试的嫌路远|熟手都被别家挖走了]，只好让班组长顶着干。",
			"劳务公司报价一个人每月抽{n3-9f}00元，我们觉得太高。",
			"再这样下去，{n2-7o}个订单要往后拖。",
		},
		asks: []string{
			"想请帮忙办一场专场招聘，或者和职校对接一下。",
			"能不能从外地对接一批人过来，住的地方我们自己安排。",
			"下次招聘会请给我们留个摊位，也请推荐几家靠得住的劳务公司。",
			"希望街道和村里帮忙发一发招工消息，离家近的优先。",
		},
		steps: []string{
			"{n5-60}个{job}岗位已经发到招聘平台和{n3-20g}个村居群里。",
			"和{n2-4s}所职校通了电话，{day}带学生来看岗位。",
			"{past}送去{n4-15c}份简历，{they}正在约人面试。",
		},
		done: []string{
			"专场招聘加校企对接，{n5-60}名{job}已经到岗，合同都签了。",
			"从外地对接来一批工人，连同村里报名的，{n5-60}个{job}岗位招满了，宿舍也安排好。",
			"{n5-60}名{job}到岗，{unit}恢复了正常排班，招工补贴一并教{they}申请了。",
		},
	},
	{
		fits: farm, lead: "@", joined: []string{"hrss", "agriculture"}, urgent: 25,
		about: "{crop}农忙找{job}",
		titles: []string{
			"{crop}要忙{n7-25d}天，找不到{n5-40}个{job}",
			"想找{n5-40}个{job}，{n30-600/10a}亩{crop}等着人",
			"{n30-600/10a}亩{crop}缺{job}，一天{n13-26p}0元也没人来",
			"{job}老的老走的走，{crop}还差{n5-40}个人手",
		},
		opens: []string{
			"{we}种养了{n30-600/10a}亩{crop}，马上要忙{n7-25d}天，{job}还差{n5-40}个人。",
			"我们这儿{village}能干活的人越来越少，{crop}这一季{job}缺{n5-40}个。",
		},
		facts: []string{
			"工钱一天{n13-26p}0元，管中饭，附近还是喊不到人。",
			"来的多是七十岁上下的，[太阳大了不敢让他们干|重活吃不消]。",
			"隔壁镇也在抢人，昨天说好的{n3-9q}个人今早去了别家。",
			"再拖几天，{crop}就要坏在地里，算算要亏{n2-15y}万元。",
		},
		asks: []string{
			"想请镇里帮忙在别的村喊一喊人。",
			"能不能帮着联系外地的农忙队，吃住我们管。",
			"要是有会开机器的队伍，也请介绍给我们。",
		},
		steps: []string{
			"已在{village}和邻近{n2-6g}个村的群里发了用工消息。",
			"联系上一支{n12-40t}人的农忙队，{day}到田头看活。",
		},
		done: []string{
			"从邻近村子和农忙队凑齐{n5-40}个{job}，{n30-600/10a}亩{crop}的活已经干完。",
			"{n5-40}名{job}到了田头，农忙队的电话也留给了{they}，下一季可以直接找。",
		},
	},
	{
		fits: companies, lead: "hrss", joined: []string{"tax"},
		about: "{n2-30}名{job}社保接续",
		titles: []string{
			"{n2-30}名{job}的社保转不进来",
			"新来的{n2-30}名{job}社保断了{n2-8b}个月，想补",
			"给{n2-30}名{job}补缴社保，系统一直报错",
			"{job}从外地来，{n2-30}人社保接不上",
		},
		opens: []string{
			"{we}最近招了{n2-30}名{job}，[有几个|大半]是从外地来的，社保关系接不上。",
			"{n2-30}名{job}上一家停保早，中间断了{n2-8b}个月，想补上。",
		},
		facts: []string{
			"网上提交了{n2-6k}回，每回都退，提示[原单位未减员|参保地不符|信息不一致]。",
			"去大厅问，说要原单位出证明，可那家已经不在了。",
			"员工怕影响[看病报销|孩子上学|买房资格]，天天来人事那里问。",
		},
		asks: []string{
			"想问清楚要哪几样材料，能不能一次办完。",
			"能不能请人到公司来，把这{n2-30}个人的情况一起看一下。",
		},
		steps: []string{
			"逐个核对了{n2-30}人的参保记录，缺的证明列成了单子。",
			"已发函给原参保地，等对方减员。",
		},
		done: []string{
			"{n2-30}名{job}的社保已全部接上，断缴的月份按规定补了。",
			"上门集中办理，原参保地办了减员，{n2-30}人当月起正常参保。",
		},
	},
	{
		fits: companies, lead: "hrss", joined: []string{"union"},
		about: "{n10-120}名员工的{skill}培训",
		titles: []string{
			"想给{n10-120}名员工做{skill}培训，补贴怎么申请",
			"{skill}培训请不到老师，{n10-120}个人等着学",
			"{n10-120}人要考{skill}证，附近没有培训点",
		},
		opens: []string{
			"{we}打算给{n10-120}名员工做{skill}培训。",
			"客户要求{unit}的人都要懂{skill}，算下来{n10-120}人要培训。",
		},
		facts: []string{
			"外面机构一个人收{n4-16p}00元，听说有补贴，不知道找谁。",
			"员工白天要上班，最好老师能到厂里来，晚上或周末讲。",
			"去年自己请过一次老师，没有备案，补贴就没拿到。",
		},
		asks: []string{
			"想请推荐有资质的机构，再讲讲补贴怎么拿。",
			"能不能把课放到我们这里来上，场地和投影我们有。",
		},
		steps: []string{
			"找了{n2-4s}家有资质的机构报价，课表发给{they}挑。",
			"开班备案的材料已帮{they}填好。",
		},
		done: []string{
			"{skill}培训办了{n2-5k}期，{n10-120}人都参加了，补贴申请已经提交通过。",
			"老师送课上门，{n10-120}名员工学完{skill}并参加了考核，培训补贴到账。",
		},
	},
	{
		fits: everybody, lead: "hrss", joined: []string{"@"},
		about: "超龄{job}的工伤保险",
		titles: []string{
			"{n3-25}名超龄{job}买不了工伤保险怎么办",
			"用了{n3-25}个过了退休年龄的{job}，怕出事没保障",
			"超龄{job}{n3-25}人，想问单独参保",
		},
		opens: []string{
			"{we}有{n3-25}名{job}过了退休年龄，活干得好，想留下来。",
			"现在{job}难找，{we}用了{n3-25}个年纪大的，心里不踏实。",
		},
		facts: []string{
			"想给他们买工伤保险，系统里输身份证就过不去。",
			"商业保险问了{n2-5k}家，一个人一年要{n3-15p}00元，赔得还少。",
			"上个月有人扭了脚，{n2-9y}千多的医药费是我们自己掏的。",
		},
		asks: []string{
			"想问有没有给超龄的人单独参保的办法。",
			"请告诉我们去哪里办、要什么材料，钱我们愿意出。",
		},
		steps: []string{
			"把{n3-25}人的年龄和工种理了一遍，分出能单独参保的。",
		},
		done: []string{
			"{n3-25}名超龄{job}按单独参加工伤保险的办法办好了，次日生效。",
			"教{they}走了超龄人员参保的口子，{n3-25}人已经缴费，另附了商业险的比价。",
		},
	},
	{
		fits: companies, lead: "hrss", joined: []string{"union"}, urgent: 8,
		about: "离职员工的{n1-12}万元补偿争议",
		titles: []string{
			"a:离职{job}要{n1-12}万元补偿，不知该怎么算",
			"b:{n2-9}名{job}说加班费少算了{n1-12}万元",
			"a:{job}走后来要加班费{n1-12}万元，想先调解",
		},
		opens: []string{
			"a:{we}有{job}离职后找来，说加班费和补偿少算了，要{n1-12}万元。",
			"b:{unit}换班之后，{n2-9}名{job}对加班费有意见，合起来要{n1-12}万元。",
		},
		facts: []string{
			"考勤表和工资条都在，我们算下来没有那么多。",
			"当时是口头说好的，没有写在合同里，这点我们有疏忽。",
			"他们说{day}要去仲裁，我们不想闹僵。",
		},
		asks: []string{
			"想请人帮着算清楚，该给的我们给。",
			"能不能请劳动监察或者工会先来调解一次。",
		},
		steps: []string{
			"双方的考勤和工资记录都拿到了，调解员正在算。",
		},
		done: []string{
			"调解员按考勤逐月算了账，双方签了调解协议，{they}当场付清。",
			"工会和调解员两头谈了{n2-4k}次，{n1-12}万元的争议谈成，协议已经履行。",
		},
	},
}

var fundingTopics = []topic{
	{
		fits: companies, lead: "finance", joined: []string{"@", "federation"}, urgent: 15,
		about: "{n50-900/10}万元流动资金贷款",
		titles: []string{
			"想贷{n50-900/10}万元周转，{asset}",
			"备{material}要{n50-900/10}万元，银行嫌抵押不够",
			"{product}订单来了，{n50-900/10}万元周转金没着落",
			"{bank}只肯批一半，还差{n50-900/10}万元",
		},
		opens: []string{
			"{we}接了一批{product}的单子，备{material}要垫{n50-900/10}万元。",
			"{we}想贷{n50-900/10}万元做周转，{asset}，{bank}没批。",
		},
		facts: []string{
			"去年开票{n8-90k}00万元，纳税一直正常，流水都能提供。",
			"问了{n2-6b}家银行，有的要加担保，有的利率要到{n5-8i}%。",
			"{buyer}那边账期是{n2-6q}个月，货越多垫得越多。",
			"材料交上去{n3-9w}周了，客户经理换了两个，说还在审。",
		},
		asks: []string{
			"想请帮忙对接信用贷，或者区里的担保公司。",
			"希望能请几家银行一起来看看，按订单和流水放款。",
			"有没有贴息的产品，请介绍一下。",
		},
		steps: []string{
			"约了{n2-4s}家银行{day}上门看账。",
			"担保公司已经收下材料，做尽职调查。",
		},
		done: []string{
			"银企对接会后，{bank}按信用加担保放款{n50-900/10}万元，年利率比{they}原来问到的低。",
			"区担保公司出了保函，{n50-900/10}万元已经到账，贴息申请同时交了。",
		},
	},
	{
		fits: companies, lead: "finance", urgent: 35,
		about: "{n100-1500/50}万元到期贷款续贷",
		titles: []string{
			"{n100-1500/50}万元贷款{n8-40d}天后到期，想续贷",
			"{bank}要先还再贷，{n100-1500/50}万元倒不过来",
			"转贷{n100-1500/50}万元，过桥一天要{n1-9p}千元",
		},
		opens: []string{
			"{we}在{bank}的{n100-1500/50}万元贷款还有{n8-40d}天到期。",
			"{n100-1500/50}万元的贷款快到期了，{bank}要我们先还清再放。",
		},
		facts: []string{
			"钱都压在{material}和库存上，一下子抽不出来。",
			"外面过桥一天要{n1-9p}千元利息，等批下来不知要几天。",
			"这{n2-8y}年我们没逾期过，也没欠税。",
		},
		asks: []string{
			"想申请无还本续贷，请帮忙和银行说一说。",
			"区里的转贷资金能不能用，怎么申请？",
		},
		steps: []string{
			"和{bank}支行见了面，续贷材料{day}报分行。",
			"转贷资金的额度已经预留。",
		},
		done: []string{
			"{bank}办了无还本续贷，{n100-1500/50}万元展期一年，没有断档。",
			"用转贷资金过了{n3-9k}天，{n100-1500/50}万元新贷款已经放下来，过桥成本省了。",
		},
	},
	{
		fits: everybody, lead: "federation", joined: []string{"finance"}, urgent: 10,
		about: "{buyer}拖欠的货款",
		titles: []string{
			"{buyer}欠{n8-300}万元货款，拖了{n4-18}个月",
			"{product}款{n8-300}万元要不回来，{law}",
			"一家{buyer}拖了{n4-18}个月不结账，{n8-300}万元",
		},
		opens: []string{
			"{we}给一家{buyer}供{product}，{n8-300}万元的款拖了{n4-18}个月。",
			"去年送给{buyer}的{product}，到现在还有{n8-300}万元没结。",
		},
		facts: []string{
			"每次去要，都说等上面拨款，{law}。",
			"送货单和对账单都有对方签字。",
			"这笔钱占了我们一年收入的{n2-4k}成，工资都要靠借。",
		},
		asks: []string{
			"想请出面协调，哪怕分几次付也行。",
			"请帮忙找个懂行的律师看看，走什么路子快。",
		},
		steps: []string{
			"联系了欠款方的财务，对方承认欠款，{day}一起对账。",
			"志愿律师看了合同，起草了催款函。",
		},
		done: []string{
			"三方对账后签了还款计划，第一笔已到账，其余按月付清，{n8-300}万元都有了着落。",
			"调解成功，对方把{n8-300}万元一次结清，{they}不用去起诉了。",
		},
	},
	{
		fits: companies, lead: "industry", joined: []string{"devreform"},
		about: "{policy}拨付",
		titles: []string{
			"去年批的{policy}{n5-180}万元还没到账",
			"{policy}公示完{n3-11}个月了，{n5-180}万元没拨",
			"{n5-180}万元{policy}卡在哪一步，想问个准信",
		},
		opens: []string{
			"{we}去年申报的{policy}，批了{n5-180}万元，公示完{n3-11}个月了还没到账。",
			"{policy}说好{n5-180}万元，我们的账户信息早报上去了，一直没动静。",
		},
		facts: []string{
			"打过{n3-9k}次电话，一家说已经报了，另一家说没收到。",
			"这笔钱本来打算拿去付{machine}的尾款。",
			"同一批的另外几家好像已经拿到了。",
		},
		asks: []string{
			"想知道卡在哪里，大概哪天能到。",
			"如果材料不齐请直接告诉我们，当天就补。",
		},
		steps: []string{
			"查到材料在预算科室，缺一份账户确认，已让{they}补。",
		},
		done: []string{
			"补齐账户确认后，{policy}{n5-180}万元已经拨到{they}账上。",
			"{n5-180}万元随本批资金拨付，{they}财务已确认收到。",
		},
	},
	{
		fits: everybody, lead: "finance", joined: []string{"@"},
		about: "购买{machine}的贷款",
		titles: []string{
			"想买{n1-8}台{machine}，还差{n6-300}万元",
			"{machine}要付{n6-300}万元，想办设备贷或者租赁",
			"换{machine}差{n6-300}万元，旧的用了{n6-15y}年",
		},
		opens: []string{
			"{we}想添{n1-8}台{machine}，自己凑了一部分，还差{n6-300}万元。",
			"老{machine}用了{n6-15y}年，三天两头坏，换新的差{n6-300}万元。",
		},
		facts: []string{
			"厂家可以分期，可要付{n3-5k}成首付。",
			"{bank}说设备不好抵押，让我们找担保。",
			"新机器上来，[一天能多干三成的活|能省下几个人工|电费也能省一截]。",
		},
		asks: []string{
			"想问有没有设备贷或者融资租赁，利息能不能补一点。",
			"请帮忙问问哪家银行做这个业务。",
		},
		steps: []string{
			"把{they}的购机合同转给{n2-3s}家金融机构估额度。",
		},
		done: []string{
			"融资租赁公司批了{n6-300}万元，{machine}已经订货。",
			"{bank}办了设备贷{n6-300}万元，分三年还，贴息按规定申报。",
		},
	},
	{
		fits: farm, lead: "finance", joined: []string{"agriculture"}, urgent: 12,
		about: "农户小额贷款",
		titles: []string{
			"买{material}和付地租要{n5-80}万元，想贷款",
			"{n30-600/10a}亩{crop}要投{n5-80}万元，没有东西抵押",
			"想办农户贷{n5-80}万元，{bank}要两个公职担保人",
		},
		opens: []string{
			"{we}有{n30-600/10a}亩{crop}，这一季买{material}、付地租要投{n5-80}万元。",
			"{crop}要扩到{n30-600/10a}亩，手上的钱不够，想贷{n5-80}万元。",
		},
		facts: []string{
			"{bank}说地是流转来的，不能抵押。",
			"要两个有正式工作的人担保，亲戚里实在找不出。",
			"等{crop}卖了就能还，往年都是半年一个来回。",
		},
		asks: []string{
			"有没有不用抵押的，请帮我们问问。",
			"能不能请银行的人到{village}来一趟，好几家都想问。",
		},
		steps: []string{
			"和农业担保的人一起到{village}看了地，{day}给额度。",
		},
		done: []string{
			"农业担保承保，{bank}放了{n5-80}万元，随借随还。",
			"银行进村评了信用户，{n5-80}万元两天到账，同村几户也一起办了。",
		},
	},
}

var landTopics = []topic{
	{
		fits: factory, lead: "planning", joined: []string{"@", "devreform"},
		about: "{n8-120}亩扩建用地",
		titles: []string{
			"{product}要扩产，想在{place}要{n8-120}亩地",
			"二期用地{n8-120}亩，报了{n3-14}个月没定下来",
			"现在的厂子装不下了，想找{n8-120}亩工业用地",
		},
		opens: []string{
			"{we}的{unit}已经排满，想在{place}再要{n8-120}亩地建二期。",
			"{product}的订单要翻一番，现有厂房放不下，需要{n8-120}亩地。",
		},
		facts: []string{
			"计划投{n3-40v}000万元，建成后能多招{n40-300/10h}个人。",
			"看中{road}边上那块，听说指标还没下来。",
			"从报意向到现在{n3-14}个月，问到的说法不一样。",
		},
		asks: []string{
			"想知道今年有没有指标，要达到什么条件。",
			"希望帮忙看看有没有现成的闲置地可以先用。",
		},
		steps: []string{
			"对照规划看了{n2-4s}块地，有一块性质合适，正在核指标。",
			"亩均测算表已让{they}补交。",
		},
		done: []string{
			"盘活{road}一块闲置地，{n8-120}亩挂牌后由{they}摘得，合同已签。",
			"{n8-120}亩用地列入本年计划，方案审过，{they}拿到了规划条件。",
		},
	},
	{
		fits: factory | culture, lead: "planning", joined: []string{"housing", "fire"},
		about: "{building}的不动产证",
		titles: []string{
			"{building}建好{n6-40}个月，不动产证办不下来",
			"{n8-150}00平方米{building}缺一道手续，证卡住了",
			"{road}的{building}想补办不动产证",
		},
		opens: []string{
			"{we}在{road}的{building}建好{n6-40}个月了，不动产证一直办不下来。",
			"{n8-150}00平方米的{building}已经用上了，证还没有。",
		},
		facts: []string{
			"说是[规划验收时多出一段雨棚|当年的施工单位找不到了|面积和图纸差了一点]。",
			"没有证就不能抵押，{n2-20v}00万元的贷款等着它。",
			"跑了{n3-8k}趟，几个部门都说要别家先出意见。",
		},
		asks: []string{
			"想请几个部门坐到一起，说清楚到底缺什么。",
			"该补的我们补，该拆的我们拆，只求有个准话。",
		},
		steps: []string{
			"调出当年的审批卷，面积差在允许范围里，正等验收科签字。",
			"和消防、住建一起到{road}看了现场。",
		},
		done: []string{
			"按历史遗留问题的办法补了验收，{building}的不动产证{past}已经领到。",
			"雨棚拆除后重新测绘，各家一次盖章，{building}办下了证。",
		},
	},
	{
		fits: companies, lead: "@", joined: []string{"industry"}, urgent: 10,
		about: "{n6-80}00平方米场地租用",
		titles: []string{
			"a:租的{n6-80}00平方米场地要收回，想就近搬",
			"b:想在{place}租{n6-80}00平方米{building}，找不到合适的",
			"a:{building}租期剩{n1-6}个月，房东要涨{n15-50z}%",
		},
		opens: []string{
			"a:{we}租的{n6-80}00平方米{building}还有{n1-6}个月到期，房东[要涨价|要收回自用|打算卖掉]。",
			"b:{we}想在{place}找{n6-80}00平方米的地方做{building}。",
		},
		facts: []string{
			"我们的东西重，要一楼，层高至少{n5-9k}米。",
			"看了{n3-9q}处，不是太远就是电不够。",
			"a:搬远了，{n20-120h}个员工里有一半不愿跟过去。",
		},
		asks: []string{
			"想请园区看看有没有空着的标准厂房。",
			"a:能不能帮我们和房东谈谈，哪怕再续一年。",
		},
		steps: []string{
			"把{place}空置的{n3-8s}处房源发给{they}，{day}带去看。",
		},
		done: []string{
			"在{road}找到一处{n6-80}00平方米的空房，租金谈定，{they}已经签约。",
			"a:和房东谈妥续租两年，涨幅压到{n3-8j}%。",
		},
	},
	{
		fits: farm, lead: "@", joined: []string{"agriculture"}, urgent: 8,
		about: "{village}流转土地的合同",
		titles: []string{
			"a:{village}{n3-18}户要提前收回流转的地",
			"b:流转的{n50-800/10}亩地合同快到期，想接着种",
			"a:{village}{n50-800/10}亩{crop}地，有{n3-18}户要涨租金",
		},
		opens: []string{
			"a:{we}在{village}流转了{n50-800/10}亩地种养{crop}，有{n3-18}户[想提前收回|要涨租金|不肯续签]。",
			"b:{village}的{n50-800/10}亩地快到期了，投下去的沟渠和棚子都在上面。",
		},
		facts: []string{
			"合同还有{n2-6y}年，当初是村里统一签的。",
			"a:收回的地正好在中间，机器都开不过去。",
			"租金现在一亩{n5-11p}00元，他们要再加{n1-4q}00元。",
		},
		asks: []string{
			"想请镇里和村里出面谈谈。",
			"能不能换一块连片的给我们，租金好商量。",
		},
		steps: []string{
			"村里把{n3-18}户召到一起谈了一晚，{n2-3k}户还没松口。",
		},
		done: []string{
			"村里调了地，{n3-18}户换到边上，{n50-800/10}亩重新连成片，合同续了五年。",
			"按流转合同和市场价谈定租金，{n3-18}户都签了字。",
		},
	},
	{
		fits: farm | food, lead: "agriculture", joined: []string{"planning", "@"},
		about: "{building}的设施用地备案",
		titles: []string{
			"想建{n2-20}00平方米{building}，设施用地怎么备案",
			"{building}备案退回{n2-5}次，图斑对不上",
			"{village}的{building}占{n1-8}亩地，想问能不能建",
		},
		opens: []string{
			"{we}想在{village}建{n2-20}00平方米的{building}。",
			"{building}的备案交了{n2-5}次，都说和图斑对不上。",
		},
		facts: []string{
			"那块地原来是晒场，[图上画成了农田|一半是水塘|边上有条田埂]。",
			"忙季一来没有{building}，{product}只能露天放。",
			"材料商的定金{n1-9v}万元已经付了。",
		},
		asks: []string{
			"想请人到现场看看，哪一块能建。",
			"要是这块不行，请指一块能用的。",
		},
		steps: []string{
			"带着图到{village}核了位置，往东挪{n10-40k}米就不占农田。",
		},
		done: []string{
			"位置挪开农田后重新上图，{building}的备案已办好，可以动工。",
			"镇里出了选址意见，{building}备案完成，{they}拿到了回执。",
		},
	},
	{
		fits: culture | trade, lead: "planning", joined: []string{"permits", "@"},
		about: "{building}改变用途",
		titles: []string{
			"{road}的旧房想改成{building}，{n3-30}00平方米",
			"租的{n3-30}00平方米是工业用房，做{building}行不行",
			"{building}要改用途，跑了{n2-6}个窗口没问明白",
		},
		opens: []string{
			"{we}租了{road}一处{n3-30}00平方米的旧房，想改成{building}。",
			"{we}看好{road}的一处老房子做{building}，性质写的是工业。",
		},
		facts: []string{
			"装修图已经画好，[消防要看产权|房东说以前没人问过|办证的人说用途不符]。",
			"问了{n2-6}个窗口，没有一家说行，也没有一家说不行。",
			"房租每月{n1-6v}万元，空一天亏一天。",
		},
		asks: []string{
			"想请给个明确的答复，要办临时改变用途的话怎么走。",
			"希望规划、住建、消防一起来看一次。",
		},
		steps: []string{
			"三家一起看了{road}的房子，结构没问题，缺一份安全鉴定。",
		},
		done: []string{
			"按存量用房的过渡政策批了五年，{building}已经开始装修。",
			"出了临时改变用途的意见，{they}凭它办下了后面的证。",
		},
	},
}

var technologyTopics = []topic{
	{
		fits: factory, lead: "science", joined: []string{"industry"},
		about: "{process}的{defect}问题",
		titles: []string{
			"{process}总有{defect}，合格率只有{n72-95}%",
			"{product}{defect}查不出原因，退了{n2-30}批货",
			"想请专家看{process}，{defect}拖了{n2-9}个月",
		},
		opens: []string{
			"{we}做{product}，{process}这道工序总有{defect}，合格率在{n72-95}%上下。",
			"{since}，{product}的{defect}多了起来，已经{n2-9}个月没弄明白。",
		},
		facts: []string{
			"换过两种{material}，也调过参数，时好时坏。",
			"{buyer}退了{n2-30}批货，再不解决就要换供应商。",
			"设备厂家来过{n2-4k}次，说不是机器的事。",
		},
		asks: []string{
			"想请高校或者同行的老师傅来看看，费用我们出。",
			"能不能帮忙找一位懂{process}的专家。",
		},
		steps: []string{
			"请到一位懂{process}的老师，{day}到{unit}看。",
			"样品送去做了剖面，等结果。",
		},
		done: []string{
			"专家在{unit}蹲了{n2-6s}天，查出是{material}受潮，改了储存后合格率升到{n96-99}%。",
			"对接的高校团队调了{process}的参数，{defect}基本没有了，{they}签了长期合作。",
		},
	},
	{
		fits: farm, lead: "agriculture", joined: []string{"agripark"}, urgent: 40,
		about: "{crop}病害",
		titles: []string{
			"{crop}{pest}，{n5-200/5}亩，想请农技员来看",
			"{n5-200/5}亩{crop}{pest}，用了{n2-5}种药没效果",
			"{village}的{crop}{pest}，急着找人看",
		},
		opens: []string{
			"{we}在{village}的{n5-200/5}亩{crop}，这{n3-12d}天{pest}。",
			"{n5-200/5}亩{crop}{pest}，一天比一天多。",
		},
		facts: []string{
			"问了卖药的，用了{n2-5}种，没见好。",
			"隔壁几家也有，怕是会传。",
			"照这样下去，今年要少收{n2-5k}成。",
		},
		asks: []string{
			"请农技站的人赶紧来看一眼。",
			"想请专家告诉我们用什么、怎么用，别再乱试了。",
		},
		steps: []string{
			"农技员{past}到了{village}，取了样送检。",
		},
		done: []string{
			"农技员到田头认准了毛病，换了用药和水肥，{n5-200/5}亩{crop}缓过来了。",
			"取样查明原因，专家写了一页处理办法，{n10-20k}天后回看，{crop}长势恢复。",
		},
	},
	{
		fits: everybody, lead: "samr", joined: []string{"science"},
		about: "{test}检测",
		titles: []string{
			"{product}要做{test}检测，附近没有能做的",
			"{test}检测排队{n3-10}周，{n2-20}个样等着",
			"送{n2-20}个样做{test}检测，报价{n2-9p}千元太贵",
		},
		opens: []string{
			"{we}的{product}要做{test}检测，{n2-20}个样，附近找不到能做的。",
			"{buyer}要求出{test}的检测报告，我们有{n2-20}个样要送。",
		},
		facts: []string{
			"外地的实验室排队要{n3-10}周，赶不上交货。",
			"一个样要{n3-9k}百多元，来回还要人押车。",
			"以前那份报告过期了，客户不认。",
		},
		asks: []string{
			"想请介绍近一点、有资质的实验室。",
			"听说有检测费补贴，请讲讲怎么用。",
		},
		steps: []string{
			"问了{n2-5s}家实验室，有一家下周能排上。",
		},
		done: []string{
			"质量小站帮着把{n2-20}个样送到合作实验室，{n3-8k}天出了报告，费用打了折。",
			"{test}报告已经拿到，{they}用上了检测券，省了一部分钱。",
		},
	},
	{
		fits: companies, lead: "industry", joined: []string{"science"},
		about: "上{sys}",
		titles: []string{
			"想上一套{sys}，报价从{n8-40}万到{n60-180}万元",
			"{unit}还在用纸记账，想装{sys}",
			"{sys}买了{n4-14}个月用不起来，想请人看看",
		},
		opens: []string{
			"{we}想上一套{sys}，找了{n2-6k}家，报价从{n8-40}万到{n60-180}万元。",
			"{unit}现在靠纸和微信群对数，想装一套{sys}。",
		},
		facts: []string{
			"我们没有懂这个的人，怕买回来用不起来。",
			"同行花了{n60-180}万元，最后只用来打单子。",
			"不知道能不能先试一条线，合适再铺开。",
		},
		asks: []string{
			"想请人来做个诊断，看看该从哪里下手。",
			"能不能带我们去做得好的厂里看看。",
		},
		steps: []string{
			"诊断的老师{past}看了{unit}，报告{day}给{they}。",
		},
		done: []string{
			"免费诊断后，{they}先在{unit}上了{sys}的基础版，花{n8-40}万元，已经用起来。",
			"带{they}看了两家样板厂，定下分两步上{sys}，诊断费由区里承担。",
		},
	},
	{
		fits: companies, lead: "samr", joined: []string{"federation"},
		about: "{product}被仿冒",
		titles: []string{
			"{product}被{n2-6}家仿冒，想维权",
			"有人用我们的商标卖{product}，{n2-9}家网店",
			"{product}的{n1-6}件专利被人用了，想维权",
		},
		opens: []string{
			"{we}的{product}被人仿冒，外观和说明书都一样。",
			"{we}有{n1-6}件{product}方面的专利，最近发现被别人用了。",
		},
		facts: []string{
			"网上查到{n2-9}家店在卖，价格低{n2-5k}成。",
			"给平台投诉过，说证据不够。",
			"老客户都来问是不是我们降价了。",
		},
		asks: []string{
			"想请知识产权的人教教怎么取证。",
			"能不能帮忙联系当地的市场监管部门。",
		},
		steps: []string{
			"公证取证已经做完，投诉书递给了平台。",
		},
		done: []string{
			"取证后平台下架了{n2-9}家店的链接，对方签了不再生产的保证。",
			"跨区联查，仿冒的{product}已经停产，{they}的专利也补走了快速预审。",
		},
	},
	{
		fits: companies, lead: "science", joined: []string{"hrss"},
		about: "{product}的校企合作",
		titles: []string{
			"想和高校一起做{product}，找不到对口的老师",
			"{product}新项目想找产学研伙伴，能出{n20-200/5}万元",
			"有{n20-200/5}万元研发预算，想找懂{product}的团队",
		},
		opens: []string{
			"{we}想做新一代{product}，自己的人手和设备都不够。",
			"{we}今年留了{n20-200/5}万元做{product}的研发，想找高校一起干。",
		},
		facts: []string{
			"托人问过{n2-5k}位老师，方向都不太对。",
			"{buyer}说做成了就先订{n2-20q}万元试用。",
			"我们有场地也有样机，缺的是懂原理的人。",
		},
		asks: []string{
			"想请帮忙牵个线，最好老师能来看一趟。",
			"下次成果对接会请通知我们。",
		},
		steps: []string{
			"把需求写成一页纸，发给了{n3-8s}所院校的转移中心。",
		},
		done: []string{
			"牵线后{they}和一个高校团队签了{n20-200/5}万元的合作，样机已经开始做。",
			"成果对接会上谈成一位老师，驻厂指导半年，协议签好了。",
		},
	},
}
