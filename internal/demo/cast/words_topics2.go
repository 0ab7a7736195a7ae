package cast

var talentTopics = []topic{
	{
		fits: everybody, lead: "hrss", joined: []string{"science"},
		about: "{senior}引进",
		titles: []string{
			"想引进{n1-8}名{senior}，年薪{n12-60}万元没人来",
			"{senior}难找，挂了{n3-11}个月",
			"{n1-8}个{senior}岗位想请帮忙对接",
			"开{n12-60}万元一年找{senior}，谈了{n2-9}个都没成",
		},
		opens: []string{
			"{we}想找{n1-8}名{senior}，找了{n3-11}个月没有合适的。",
			"{we}开到一年{n12-60}万元找{senior}，来谈的人不多。",
		},
		facts: []string{
			"对方一听在{place}，就嫌离市区远。",
			"谈好的一个，最后因为[爱人工作|孩子上学|没地方住]没有来。",
			"现在靠老板自己顶着，新活都不敢接。",
		},
		asks: []string{
			"想请带我们去高校招一次，或者推荐几个人。",
			"区里的引才补贴怎么算，能不能先告诉候选人。",
		},
		steps: []string{
			"岗位放进了本月的引才目录，{day}有{n2-7s}份简历给{they}。",
		},
		done: []string{
			"随区里去外地招聘，{they}签下{n1-8}名{senior}，引才补贴同步申请。",
			"推荐的人选谈成了，{n1-8}名{senior}已经入职，住房和落户一起办。",
		},
	},
	{
		fits: companies, lead: "housing", joined: []string{"hrss", "@"},
		about: "{n3-30}名员工的人才公寓",
		titles: []string{
			"{n3-30}名{senior}想住人才公寓，排了{n2-10}个月",
			"人才公寓离{road}太远，{n3-30}人想调",
			"新来的{n3-30}名技术人员没地方住",
		},
		opens: []string{
			"{we}新来{n3-30}名技术人员，[多是外地来的|大半刚毕业]，想申请人才公寓。",
			"{n3-30}名员工申请人才公寓{n2-10}个月了，还在排队。",
		},
		facts: []string{
			"外面租房一个月要{n14-28p}00元，年轻人吃不消。",
			"听说{road}那边有空的，不知道归谁管。",
			"有{n1-5q}个人说再没地方住就不来了。",
		},
		asks: []string{
			"想问还要等多久，能不能先住一部分。",
			"没有公寓的话，租房补贴可不可以拿？",
		},
		steps: []string{
			"查了空房，{road}一处能腾出{n3-9s}套。",
		},
		done: []string{
			"调出一批人才公寓，{n3-30}人已经拿到钥匙。",
			"{n3-30}人分两处安排，一部分住公寓，一部分领租房补贴，都落实了。",
		},
	},
	{
		fits: everybody &^ farm, lead: "education", joined: []string{"police", "@"}, urgent: 8,
		about: "{n1-8}名骨干子女入学",
		titles: []string{
			"{n1-8}名{senior}的孩子想在{place}上学",
			"骨干员工{n1-8}个孩子转学，学校说没学位",
			"{senior}从外地来，孩子上{n1-6}年级找不到学校",
		},
		opens: []string{
			"{we}有{n1-8}名骨干从外地过来，孩子要在{place}这边上学。",
			"{we}的{senior}把家搬来了，{n1-8}个孩子要转学。",
		},
		facts: []string{
			"房子是租在{road}的，学校说要看房产证。",
			"跑了{n2-4k}所学校，都说学位满了。",
			"人已经上班，孩子还在老家由老人带着。",
		},
		asks: []string{
			"想请教育局帮忙看看哪所学校还有位子。",
			"人才子女入学的办法，我们这样的能不能用？",
		},
		steps: []string{
			"核了{n1-8}个孩子的年级，{road}附近两所学校还有空位。",
		},
		done: []string{
			"按人才子女的办法协调，{n1-8}个孩子已经报到上课。",
			"{n1-8}个孩子就近安排到{road}附近的学校，转学手续一次办完。",
		},
	},
	{
		fits: companies, lead: "hrss", joined: []string{"industry"},
		about: "{n2-20}名{senior}评职称",
		titles: []string{
			"{n2-20}名{senior}想评职称，不知从哪里报",
			"民营企业的{senior}能评职称吗，{n2-20}人想问",
			"{senior}评职称退回{n1-4}次，材料不会写",
		},
		opens: []string{
			"{we}有{n2-20}名{senior}干了好些年，一直没评过职称。",
			"{n2-20}名{senior}去年报职称，被退回来{n1-4}次。",
		},
		facts: []string{
			"大家会干活不会写材料，[论文|业绩证明|继续教育学时]这一项总不够。",
			"投标时要看职称，我们因为这个丢过{n2-5k}个标。",
			"问到的说法不一样，有说要社保满{n1-5y}年的。",
		},
		asks: []string{
			"想请人来讲一讲，手把手教一次。",
			"如果能集中受理，我们把人一起叫来。",
		},
		steps: []string{
			"给{n2-20}人建了表，逐个看缺什么。",
		},
		done: []string{
			"上门讲了两回，{n2-20}名{senior}的材料都报进系统并通过初审。",
			"走了民营企业的直报通道，{n2-20}人申报成功。",
		},
	},
	{
		fits: companies, lead: "hrss", joined: []string{"tax"},
		about: "{n2-40}万元人才补贴",
		titles: []string{
			"{senior}的人才补贴{n2-40}万元还没批",
			"{n1-9}名{senior}申领人才补贴，系统里查不到进度",
			"人才补贴{n2-40}万元说学历不符，想再核一次",
		},
		opens: []string{
			"{we}的{n1-9}名{senior}申领人才补贴，合计{n2-40}万元，交了{n3-10m}个月没结果。",
			"给{senior}报的人才补贴被退回，说[学历认证不符|社保月份不够|合同年限不够]。",
		},
		facts: []string{
			"招人的时候跟人家讲好有补贴的，现在不好交代。",
			"我们核了几遍，条件都够。",
			"系统里只写着审核中，打电话也没人说得清。",
		},
		asks: []string{
			"想请查一下卡在哪一步。",
			"要补材料请一次讲完。",
		},
		steps: []string{
			"查到是学历认证编号填错了一位，已退回让{they}改。",
		},
		done: []string{
			"改正后重新审核通过，{n2-40}万元已经发到个人账户。",
			"{n1-9}名{senior}的补贴核定了，随本月批次发放。",
		},
	},
	{
		fits: farm, lead: "agriculture", joined: []string{"hrss", "@"},
		about: "年轻{senior}留用",
		titles: []string{
			"a:回乡的{n1-5}个年轻人想留下种{crop}，有什么扶持",
			"b:想请一位{senior}常驻，一年能出{n3-12}万元",
			"a:儿女想回来接手{n30-600/10a}亩{crop}，缺人带",
		},
		opens: []string{
			"a:{we}这边{n30-600/10a}亩{crop}，想留{n1-5}个年轻人下来一起干。",
			"b:{we}想请一位{senior}，一年出{n3-12}万元，没人愿意来{village}。",
		},
		facts: []string{
			"a:年轻人问社保怎么交、住哪里，我们答不上来。",
			"老一套办法干得动，[直播卖货|看水质|开新机器]就不行了。",
			"去年来过一个大学生，干了{n2-9m}个月就走了。",
		},
		asks: []string{
			"a:想问回乡创业有没有补贴，能不能交社保。",
			"能不能派人来教教，年轻人愿意学。",
			"请帮忙从农业院校找个实习生，管吃管住。",
		},
		steps: []string{
			"联系了农业院校，{day}有老师带学生来{village}。",
		},
		done: []string{
			"a:村里腾出住处，{n1-5}个年轻人都留下来了，创业补贴也报了。",
			"b:乡土人才库里给{they}对上一位{senior}，每月驻点八天。",
		},
	},
}

var approvalTopics = []topic{
	{
		fits: everybody, lead: "permits", joined: []string{"@"}, urgent: 10,
		about: "{permit}",
		titles: []string{
			"{permit}办了{n3-14}周还没下来",
			"{permit}退回{n2-6}次，每次说的都不一样",
			"办{permit}缺一份证明，{n2-5}个部门都说不归他们",
			"{building}急着开，{permit}卡住了{n3-14}周",
		},
		opens: []string{
			"{we}办{permit}，从交材料到现在{n3-14}周了。",
			"{we}的{building}要用，{permit}退回来{n2-6}次。",
		},
		facts: []string{
			"第一次说[图纸不对|缺盖章|要原件]，改好了又说少一份说明。",
			"网上显示在办，窗口说要等现场看，没人告诉我们哪天来。",
			"{unit}的人都到位了，一天光工资就要{n2-9p}千元。",
		},
		asks: []string{
			"想请一次讲清楚缺什么。",
			"能不能先派人来现场看，材料我们边走边补。",
		},
		steps: []string{
			"材料重新过了一遍，只差一份说明，范本发给{they}了。",
			"约了{day}去{unit}看现场。",
		},
		done: []string{
			"现场看过当天出了意见，{permit}{past}已经办好送到。",
			"缺的证明改为书面承诺，{permit}批下来了。",
		},
	},
	{
		fits: everybody, lead: "samr", joined: []string{"permits"},
		about: "经营范围增加{scope}",
		titles: []string{
			"经营范围加{scope}，系统报错{n2-8}次",
			"想加一项{scope}，说要前置审批",
			"加{scope}要改章程，{n2-6}个股东有一个在外地",
		},
		opens: []string{
			"{we}想在执照上加一项{scope}，网上填了{n2-8}次都报错。",
			"{we}要做{scope}，窗口说要先有许可，许可那边说先改执照。",
		},
		facts: []string{
			"签字的人在外地，人脸认证过不去。",
			"{buyer}等着我们开票，名目不对开不出来。",
			"同样的业务，别的区听说当天就能加。",
		},
		asks: []string{
			"想请人远程帮我们看看错在哪里。",
			"到底先办哪一个，请给个准信。",
		},
		steps: []string{
			"远程看了页面，是旧章程的格式不认，换了新模板。",
		},
		done: []string{
			"用新模板重新提交，{scope}当天加上，新执照已领。",
			"帮办员陪着走了一遍，{scope}加好了，后续许可也说清了次序。",
		},
	},
	{
		fits: factory, lead: "housing", joined: []string{"planning", "permits"},
		about: "{building}的施工许可",
		titles: []string{
			"{n8-150}00平方米{building}等施工许可，工人到了",
			"{building}施工许可卡在图审，{n3-12}周没过",
			"{building}想分段办施工许可，先打桩",
		},
		opens: []string{
			"{we}要建{n8-150}00平方米的{building}，施工许可还没拿到。",
			"{building}的图审改了{n2-5}轮，{n3-12}周了还没过。",
		},
		facts: []string{
			"施工队已经到场，停一天要赔{n1-6p}万元。",
			"说是[消防通道差半米|人防要重算|绿化率要说明]。",
			"{machine}已经订了，到货没地方放。",
		},
		asks: []string{
			"想问能不能先办桩基的许可。",
			"请图审和消防一起看一次，意见一次出完。",
		},
		steps: []string{
			"图审、消防、规划三家{past}坐下来过了一遍图。",
		},
		done: []string{
			"分段办了桩基许可，{building}已经动工，主体许可随后也发了。",
			"意见合成一份，设计院改完当周过审，{building}拿到施工许可。",
		},
	},
	{
		fits: companies, lead: "fire", joined: []string{"housing"}, urgent: 8,
		about: "{building}的消防验收",
		titles: []string{
			"{building}消防验收提了{n2-12}条，有几条改不动",
			"{road}的{building}消防验收没过，等着开业",
			"{building}消防整改花了{n5-60}万元还没过",
		},
		opens: []string{
			"{we}在{road}的{building}做消防验收，提了{n2-12}条意见。",
			"{building}的消防改了两轮，花了{n5-60}万元，还差几条。",
		},
		facts: []string{
			"[楼梯宽度|疏散门的位置|水池的容量]是老房子留下来的，动不了结构。",
			"施工单位说照图做的，设计说规范后来改了。",
			"开业的日子都定了，员工{n12-90h}人等着上岗。",
		},
		asks: []string{
			"想请消防的同志到现场指点，有没有别的办法补。",
			"能改的我们马上改，改不动的请给条出路。",
		},
		steps: []string{
			"消防到{road}看了现场，{n2-12}条里多数当场定了做法。",
		},
		done: []string{
			"改不动的用加装喷淋来补，复验通过，{building}可以用了。",
			"{n2-12}条逐条销掉，验收意见书已经发给{they}。",
		},
	},
	{
		fits: factory | trade, lead: "emergency", joined: []string{"fire"},
		about: "{building}安全评价和检查",
		titles: []string{
			"a:{building}安全评价做了{n2-9}个月，专家意见不统一",
			"b:{building}安全检查提了{n3-14}条，想问轻重",
			"b:同一个{building}一个月查了{n3-7}次，能不能合并",
		},
		opens: []string{
			"a:{we}的{building}做安全评价，{n2-9}个月了专家意见还不统一。",
			"b:{we}的{building}一个月来了{n3-7}拨检查，提了{n3-14}条。",
		},
		facts: []string{
			"有的说要加一道门，有的说加了反而堵路。",
			"整改花了{n2-40v}万元，新来的检查又说不对。",
			"我们愿意改，就怕改来改去。",
		},
		asks: []string{
			"b:想请合在一起看一次，出一份单子。",
			"哪些必须马上改、哪些可以缓，请说明白。",
		},
		steps: []string{
			"几家约好{day}一起到{unit}，只看这一次。",
		},
		done: []string{
			"b:联合检查出了一份统一的单子，{n3-14}条改完销号。",
			"a:专家碰头定了做法，{building}的评价通过，检查也排进了合并计划。",
		},
	},
}

var policyTopics = []topic{
	{
		fits: companies, lead: "industry", joined: []string{"devreform", "tax"},
		about: "{policy}的申报条件",
		titles: []string{
			"{policy}要投{n2-30}00万元才能报，我们算不算",
			"想报{policy}，有{n2-6}条看不懂",
			"{policy}和另一项能不能一起拿，想问清楚",
			"{policy}的投资额怎么认，{n2-30}00万元发票不全",
		},
		opens: []string{
			"{we}想报{policy}，通知里有{n2-6}条看不懂。",
			"{we}去年投了{n2-30}00万元，不知道够不够{policy}的条件。",
		},
		facts: []string{
			"[发票是分两年开的|有一部分是二手设备|合同主体是关联公司]，不知认不认。",
			"问过中介，说包过，要抽{n8-25k}%，我们不放心。",
			"申报系统{n5-25d}天后就关了。",
		},
		asks: []string{
			"想请懂的人对着我们的情况讲一讲。",
			"能不能先帮我们看一眼材料，行就报，不行就不折腾。",
		},
		steps: []string{
			"对着通知逐条帮{they}核了一遍，有一条要会计师出说明。",
		},
		done: []string{
			"逐条讲清后{they}自己报上了{policy}，没有找中介，初审已过。",
			"核定{n2-30}00万元里大部分可以认，{policy}报送成功。",
		},
	},
	{
		fits: farm, lead: "agriculture", joined: []string{"@"},
		about: "{policy}",
		titles: []string{
			"{policy}怎么申请，{n30-600/10a}亩{crop}能补多少",
			"{policy}村里说报了，{n3-12}个月没消息",
			"买了{n1-4}台{machine}，{policy}报不上",
		},
		opens: []string{
			"{we}有{n30-600/10a}亩{crop}，听说有{policy}，不晓得怎么报。",
			"{village}去年帮我们报了{policy}，{n3-12}个月了没消息。",
		},
		facts: []string{
			"手机上填表填到一半就退出来，年纪大了弄不来。",
			"问村里，说到镇上问；问镇上，说还没到时候。",
			"邻镇的亲戚说他们早拿到了。",
		},
		asks: []string{
			"想请人告诉我们要带什么去哪里办。",
			"能不能帮忙查一下名单里有没有我们。",
		},
		steps: []string{
			"在系统里查到{they}的面积少登了，已请{village}更正。",
		},
		done: []string{
			"面积更正后补报成功，{policy}随下一批发到一卡通。",
			"镇里的人上门帮着填好了表，{policy}已经审核通过。",
		},
	},
	{
		fits: everybody, lead: "tax",
		about: "税费优惠",
		titles: []string{
			"a:{product}的税率到底按几个点，{n3-6}个人三种说法",
			"b:{machine}一次性抵扣，{n5-300}万元怎么填",
			"c:留抵退税{n5-300}万元，退了{n2-9}周没到",
			"d:小规模转一般纳税人，{n5-300}万元库存怎么算",
		},
		opens: []string{
			"a:{we}卖{product}，税率按几个点，问了{n3-6}个人说法都不同。",
			"b:{we}今年买{machine}花了{n5-300}万元，不知道能不能一次抵扣。",
			"c:{we}申请了留抵退税{n5-300}万元，{n2-9}周了没到账。",
			"d:{we}要从小规模转成一般纳税人，手里有{n5-300}万元的库存，不知道怎么算。",
		},
		facts: []string{
			"a/b/d:会计是新来的，填错过一次，怕再填错要罚。",
			"电子税务局里找不到那张表。",
			"多交的{n2-9y}千元能不能退，也想一起问。",
		},
		asks: []string{
			"想请税务的同志上门或者打电话讲一讲。",
			"a/b/d:能不能发个填好的样子给我们照着填。",
		},
		steps: []string{
			"a/b/d:税务专管员{past}打电话讲了一遍，样表发过去了。",
			"c:退税申请{past}过了审核，转到国库那边。",
		},
		done: []string{
			"a/b/d:税务人员远程带着填完申报表，该享受的优惠都享受到了。",
			"a/b/d:核对后更正申报，多交的税款退回{they}账户。",
			"c:退税已经到{they}账上，拖的原因是账号填错一位。",
		},
	},
	{
		fits: companies, lead: "devreform", joined: []string{"industry"},
		about: "错过的{policy}申报",
		titles: []string{
			"{policy}晚了{n1-9}天没报上，能补吗",
			"没收到{policy}通知，错过了{n10-200/5}万元",
			"{policy}的申报通知发到哪里，想以后别错过",
		},
		opens: []string{
			"{we}晚了{n1-9}天，{policy}没报上。",
			"{policy}的通知我们没看到，等知道时已经截止，少了{n10-200/5}万元。",
		},
		facts: []string{
			"通知发在一个群里，管这事的人离职了。",
			"材料其实早就准备好了，就差提交。",
			"同一年的投资，明年还能不能算，也说不准。",
		},
		asks: []string{
			"想问能不能补报，或者放到下一批。",
			"以后有这类通知，能不能直接发到联系人手机上。",
		},
		steps: []string{
			"问了上级，本批不能补，下一批可以用同一笔投资。",
		},
		done: []string{
			"{policy}开了第二批，{they}用原来的材料报上了。",
			"{they}加进了通知名单，{policy}并入下一批申报，已经提交。",
		},
	},
	{
		fits: culture | trade | food, lead: "commerce", joined: []string{"culture", "@"},
		about: "{policy}不同部门口径",
		titles: []string{
			"{policy}区里和{place}说的不一样",
			"{policy}两个文件打架，{n5-90}万元该听谁的",
			"{place}承诺的{policy}{n5-90}万元能不能算数",
		},
		opens: []string{
			"{we}落户{place}时说好有{policy}{n5-90}万元，现在区里文件不是这么写的。",
			"{policy}有两个文件，一个写{n5-90}万元，另一个没写。",
		},
		facts: []string{
			"协议第{n3-12k}条写得清清楚楚。",
			"负责招商的人调走了，新来的不清楚。",
			"我们已经按协议[招了人|装修完|开了业]。",
		},
		asks: []string{
			"想请两家坐在一起给个说法。",
			"如果不能全给，也请明白告诉我们能给多少。",
		},
		steps: []string{
			"调出当时的协议，{place}和区里正在对口径。",
		},
		done: []string{
			"两家对齐口径，按协议兑现{n5-90}万元，分两年付。",
			"确认协议有效，{policy}由{place}列入本年预算并已拨付。",
		},
	},
}

var marketTopics = []topic{
	{
		fits: companies, lead: "commerce", joined: []string{"industry", "federation"},
		about: "{product}找销路",
		titles: []string{
			"{product}压了{n20-900/10}万元库存，想找新客户",
			"想认识本区的{buyer}，推{product}",
			"{product}外地卖得好，本区{n3-15}家{buyer}不知道我们",
			"{product}订单少了{n2-6}成，想请帮忙对接",
		},
		opens: []string{
			"{we}做{product}，{since}订单少了{n2-6}成，压了{n20-900/10}万元的货。",
			"{we}的{product}质量不差，本区的{buyer}却都从外地进。",
		},
		facts: []string{
			"我们跑了{n3-15}家{buyer}，大多连采购的面都没见到。",
			"老客户把价又压了{n3-12k}%，快没得赚了。",
			"{unit}的人手留着，停下来再找就难了。",
		},
		asks: []string{
			"想请组织一次上下游对接会，给我们几分钟讲讲。",
			"能不能把我们放进区里的产品目录。",
		},
		steps: []string{
			"拉了一张可能要{product}的名单，{day}先见{n2-5s}家。",
		},
		done: []string{
			"对接会上和{n2-5s}家{buyer}谈成，首批{product}已经发货。",
			"{product}进了区里的目录，{they}拿到{n20-900/10}万元的新订单。",
		},
	},
	{
		fits: farm, lead: "agriculture", joined: []string{"commerce", "@"}, urgent: 35,
		about: "{crop}卖不出去",
		titles: []string{
			"{n3-90}吨{crop}卖不掉，{buyer}不来收",
			"{crop}价钱跌到一斤{n2-9}元，{n3-90}吨等着卖",
			"{village}{n3-90}吨{crop}没销路，再放就坏了",
		},
		opens: []string{
			"{we}在{village}有{n3-90}吨{crop}到了该卖的时候，往年来的{buyer}今年没来。",
			"今年{crop}收成好，{n3-90}吨堆着，一斤才{n2-9}元。",
		},
		facts: []string{
			"这东西放不住，{n3-12d}天不走就烂了。",
			"运到外地，油费和损耗一扣就没钱了。",
			"合作的{buyer}说别处更便宜，要我们再让一点。",
		},
		asks: []string{
			"想请帮忙联系食堂、超市收一些。",
			"能不能安排一次直播，或者找个冷库先放一放。",
		},
		steps: []string{
			"联系了{n3-9s}家食堂和超市，{day}来{village}看货。",
		},
		done: []string{
			"食堂、超市和一场直播一起，{n3-90}吨{crop}已经卖完，价钱比地头高一点。",
			"冷库先收下一半，另一半由{n3-9s}家单位食堂订走，{crop}没有烂在手里。",
		},
	},
	{
		fits: factory, lead: "industry", joined: []string{"commerce"},
		about: "{material}的本地配套",
		titles: []string{
			"{material}要从{n3-15}00公里外拉，想找近的",
			"{material}涨了{n8-45}%，想找第二家供应商",
			"一年用{n20-900/10}万元{material}，本区有没有做的",
		},
		opens: []string{
			"{we}一年要用{n20-900/10}万元的{material}，都从{n3-15}00公里外拉。",
			"{material}{since}涨了{n8-45}%，只有一家供，没得谈。",
		},
		facts: []string{
			"路上要{n2-6d}天，一堵车{unit}就停。",
			"质量要求不算高，只要稳。",
			"听说区里有人能做，不知道是哪家。",
		},
		asks: []string{
			"想请帮忙在链上找找，能就近配套最好。",
			"有名单的话发给我们，自己去谈也行。",
		},
		steps: []string{
			"从链上名单里挑出{n2-6s}家，{day}带样来谈。",
		},
		done: []string{
			"链上一家企业的{material}试用合格，{they}签了一年的供货。",
			"对接了{n2-6s}家，选定一家{n8-30k}公里外的，运费省了大半。",
		},
	},
	{
		fits: everybody, lead: "commerce", joined: []string{"culture"},
		about: "{n3-18}平方米展位",
		titles: []string{
			"想带{product}参展，{n3-18}平方米展位要{n1-8}万元",
			"{product}展会报名满了，还想要{n3-18}平方米",
			"第一次带{product}去外地参展，{n2-6}个人不会办",
		},
		opens: []string{
			"{we}想带{product}去参展，{n3-18}平方米的展位要{n1-8}万元。",
			"{we}听说区里组团参展，想给{product}留{n3-18}平方米。",
		},
		facts: []string{
			"我们没参加过，[布展|报关|住宿]都不懂。",
			"展会补贴听说要先报后去，不知是不是这样。",
			"同行去年去了，回来签了{n2-9k}单。",
		},
		asks: []string{
			"想请把我们加到团里，费用照出。",
			"补贴能补多少、要留什么票，请讲讲。",
		},
		steps: []string{
			"和组展方问到还有{n2-5s}个位子，先替{they}占了一个。",
		},
		done: []string{
			"{they}随团参展，{product}签下{n2-9k}个意向，展位补贴也报了。",
			"调出{n3-18}平方米展位给{they}，布展由组展方统一做。",
		},
	},
	{
		fits: culture | trade | food, lead: "samr", joined: []string{"police"}, urgent: 12,
		about: "网上恶意差评",
		titles: []string{
			"a:一夜来了{n8-60}条差评，{product}没人订了",
			"b:有人发视频说我们的{product}不好，{n2-30}万人看了",
			"c:职业打假{n2-9}次找{product}的麻烦",
		},
		opens: []string{
			"a:{we}的{product}一夜之间多了{n8-60}条差评，都是没来过的人。",
			"b:有人发视频说我们的{product}有问题，{n2-30}万人看了，内容不实。",
			"c:有个职业打假的，找{product}的麻烦找了{n2-9}次，包装上一个字也要赔。",
		},
		facts: []string{
			"a/b:退单一天{n5-40p}个，电话都打爆了。",
			"a/b:平台让我们自己举证，一条一条交。",
			"对方私下说给{n2-9y}千元就算了。",
		},
		asks: []string{
			"a/b:想请帮忙和平台说一声，尽快核实。",
			"这算不算敲诈，我们该怎么留证据。",
		},
		steps: []string{
			"a/b:聊天记录和订单已固定，转给了平台和派出所。",
			"c:标签{past}看过，正在核对进货记录。",
		},
		done: []string{
			"a:平台核实后删了{n8-60}条不实评价，{they}的评分恢复。",
			"b:派出所找到发视频的人，对方删除并道歉。",
			"c:执法人员看了标签，属于小瑕疵，改了就行，对方的索赔没有支持。",
		},
	},
	{
		fits: culture, lead: "culture", joined: []string{"commerce", "@"},
		about: "{product}淡季客源",
		titles: []string{
			"平日{product}只有{n1-4}成客人，想请帮忙引客",
			"{product}想进区里的线路，{place}一天能接{n40-400/10}人",
			"{place}游客路过不停，{product}卖不动",
		},
		opens: []string{
			"{we}在{place}做{product}，周末还行，平日只有{n1-4}成客人。",
			"{we}一天能接{n40-400/10}人，平日里空着一大半。",
		},
		facts: []string{
			"房租和{n8-60h}个员工的工资一天都少不了。",
			"导航上搜不到我们，路口也没有牌子。",
			"{buyer}说我们这儿只够玩半天，要和别家连成线。",
		},
		asks: []string{
			"想请把我们编进区里的游玩线路。",
			"能不能牵头和周边几家一起做个套票。",
		},
		steps: []string{
			"找了周边{n3-7s}家，{day}坐下来排一条线路。",
		},
		done: []string{
			"{product}编进了一日游线路，和{n3-7s}家做成套票，平日客人多起来。",
			"两家{buyer}签了平日的团，路口的指示牌也装好了。",
		},
	},
}
