package cast

var energyTopics = []topic{
	{
		fits: everybody, lead: "power", joined: []string{"@"}, urgent: 30,
		about: "{unit}用电不稳",
		titles: []string{
			"a:{unit}一个月跳闸{n3-14}次，{machine}停了",
			"b:{road}这边电压只有{n180-208}伏，{machine}开不起来",
			"c:停电通知太急，{unit}一次损失{n1-30}万元",
			"a:{unit}一用{machine}就跳闸，{n3-14}次了",
		},
		opens: []string{
			"a:{since}，{we}的{unit}跳闸{n3-14}次，{machine}一停就要重来。",
			"b:{road}这一片电压低，量过只有{n180-208}伏，{machine}带不动。",
			"c:{road}这一片停电，头天晚上才通知，{we}的{unit}来不及调班。",
		},
		facts: []string{
			"a/c:最长一次停了{n2-9t}小时，损失{n1-30}万元。",
			"a/b:自己的线路请电工查过，没毛病。",
			"附近又开了两家，变压器还是老的那台。",
		},
		asks: []string{
			"a/b:想请供电来查查，是不是变压器小了。",
			"a/c:要停电请提前一天说，好让我们调班。",
		},
		steps: []string{
			"a/b:装了记录仪，测{n3-7s}天的电压。",
			"a/b:抢修班{past}紧了接头，先临时调了档。",
			"c:停电计划{past}拿到了，正在和{they}排班次。",
		},
		done: []string{
			"a/c:换了{road}的变压器，一个星期没再跳闸，停电改为提前两天发短信。",
			"b:查出是接头老化，换线后电压稳在{n222-236}伏。",
		},
	},
	{
		fits: factory | trade, lead: "power", joined: []string{"devreform", "@"},
		about: "{n2-40}00千伏安增容",
		titles: []string{
			"{unit}要增容{n2-40}00千伏安，报了{n3-14}周",
			"增容{n2-40}00千伏安，外线要我们出{n10-160/5}万元",
			"{n1-8}台{machine}到货了，增容没办好",
		},
		opens: []string{
			"{we}添了{n1-8}台{machine}，{unit}要增容{n2-40}00千伏安。",
			"增容{n2-40}00千伏安的申请交了{n3-14}周，方案还没出。",
		},
		facts: []string{
			"说{road}的电源点满了，要从远处拉。",
			"外线报价{n10-160/5}万元，我们听说不该企业出。",
			"{machine}放在外面盖着布，再等就要生锈。",
		},
		asks: []string{
			"想问哪天能送电，费用到底谁出。",
			"能不能先借一路临时电，让一台先开起来。",
		},
		steps: []string{
			"方案定了两路走法，等挖掘许可。",
		},
		done: []string{
			"外线由供电投资，{n2-40}00千伏安{past}送电，{machine}已经开起来。",
			"先给临时电顶了{n10-30k}天，正式增容完工，{they}没掏外线的钱。",
		},
	},
	{
		fits: factory, lead: "environment", joined: []string{"permits"},
		about: "{process}的环评",
		titles: []string{
			"加一道{process}要不要重做环评，投{n50-900/10}万元",
			"{process}环评写了{n3-11}个月，批不下来",
			"{process}改造{n50-900/10}万元，总量指标没有",
		},
		opens: []string{
			"{we}想改{process}，投{n50-900/10}万元，环评弄了{n3-11}个月。",
			"{we}要加一道{process}，不知道算不算重大变动。",
		},
		facts: []string{
			"编报告的公司说缺总量指标，要我们自己去找。",
			"排放其实比老设备少，检测数据都有。",
			"{buyer}来验厂，就看这个批没批。",
		},
		asks: []string{
			"想请环保的同志先看一眼，指条路。",
			"总量指标能不能在区里调剂？",
		},
		steps: []string{
			"对照变动清单看了，{process}不算重大变动，等书面意见。",
		},
		done: []string{
			"认定不属于重大变动，{process}写个说明备案就行，已办完。",
			"区里调剂了指标，环评{past}批下来。",
		},
	},
	{
		fits: factory, lead: "environment", urgent: 12,
		about: "{waste}处置",
		titles: []string{
			"{n2-40}吨{waste}没人来收，快放不下了",
			"{waste}处置要{n2-9}千元一吨，还要凑满一车",
			"{n2-40}吨{waste}存了{n3-11}个月，想找处置单位",
		},
		opens: []string{
			"{we}存了{n2-40}吨{waste}，{n3-11}个月没人来收。",
			"{waste}一年也就{n2-40}吨，处置公司嫌少不肯来。",
		},
		facts: []string{
			"报价涨到{n2-9}千元一吨，还要凑满一车。",
			"暂存间快满了，超期又要挨罚。",
			"附近几家也有同样的东西，各自都凑不满。",
		},
		asks: []string{
			"能不能几家一起收，小量的也来拉。",
			"请推荐有资质、价钱公道的单位。",
		},
		steps: []string{
			"统计了{place}{n4-15s}家的量，合成一车去谈价。",
		},
		done: []string{
			"小量集中收运点开了，{n2-40}吨{waste}已经拉走，联单也走完。",
			"几家合签一份合同，{waste}每吨便宜了{n3-9k}百元，存货清空。",
		},
	},
	{
		fits: factory, lead: "devreform", joined: []string{"housing"},
		about: "{unit}供气",
		titles: []string{
			"a:天然气涨到{n3-5}元多，{unit}一月多花{n2-40}万元",
			"b:{unit}想接天然气，管网离{n2-18}00米",
			"c:供气压力不够，{unit}的{machine}降了{n2-5k}成速度",
		},
		opens: []string{
			"b:{we}的{unit}想接天然气，管网还差{n2-18}00米。",
			"a:气价涨了之后，{unit}一个月多花{n2-40}万元。",
			"c:{since}供气压力一直不够，{unit}的{machine}慢了{n2-5k}成。",
		},
		facts: []string{
			"b:现在用瓶装的，又贵又不放心。",
			"b:燃气公司说要凑够用户才铺管。",
			"a:别的区用量差不多的厂，价钱比我们低一截。",
			"a/c:用气的高峰压力掉得厉害，{machine}会自己停。",
		},
		asks: []string{
			"b:想问{road}什么时候铺管。",
			"a:能不能和燃气公司谈个用量价。",
			"c:想请燃气公司来测一测，是管子细还是表小。",
		},
		steps: []string{
			"b:燃气公司{past}勘了路线，{road}一侧可以走。",
			"a/c:燃气公司{past}看了{they}的用量和表。",
		},
		done: []string{
			"b:{n2-18}00米管道铺到门口，{unit}已经点火用气。",
			"a:按年用量签了新价，一个月能省{n1-9k}万元，账单已经按新价出。",
			"c:调压箱换过了，压力够了，{machine}恢复原来的速度。",
		},
	},
	{
		fits: companies, lead: "environment", joined: []string{"urban", "@"}, urgent: 8,
		about: "{nuisance}的投诉",
		titles: []string{
			"居民投诉{nuisance}，{n2-9}个月来了{n4-20}次检查",
			"{nuisance}改了花{n3-60}万元，还是有人投诉",
			"{road}新小区离得近，{nuisance}怎么改才算够",
		},
		opens: []string{
			"{road}新建的小区离{unit}只有{n30-150/5}米，居民一直投诉{nuisance}。",
			"因为{nuisance}，{n2-9}个月来了{n4-20}次检查。",
		},
		facts: []string{
			"我们花{n3-60}万元改过一遍，检测是达标的。",
			"晚上{n9-11}点以后不干活了，还是有人打电话。",
			"我们先来的，小区后建的，也不想和邻居闹僵。",
		},
		asks: []string{
			"想请一起和居民坐下来谈谈。",
			"怎么改才算到位，请专家给个办法。",
		},
		steps: []string{
			"夜里去测了两次，数据给居民和{they}都看了。",
		},
		done: []string{
			"加了隔声墙，晚上换成轻的活，居民代表到{unit}看过，签了字。",
			"专家定了改法，改完复测达标，{n20-40k}天没有新的投诉。",
		},
	},
	{
		fits: farm, lead: "water", joined: []string{"@", "environment"}, urgent: 30,
		about: "{n30-600/10a}亩{crop}用水",
		titles: []string{
			"a:{n30-600/10a}亩{crop}等水，{village}泵站坏了{n2-9}天",
			"b:{village}水送不到头，{n30-600/10a}亩{crop}干着",
			"c:{n30-600/10a}亩{crop}的尾水往哪排",
		},
		opens: []string{
			"a:{village}的泵站坏了{n2-9}天，{we}的{n30-600/10a}亩{crop}等着水。",
			"b:{we}的{n30-600/10a}亩{crop}在渠尾，水总是送不到。",
			"c:{we}的{n30-600/10a}亩{crop}要换水，尾水不知道往哪里排。",
		},
		facts: []string{
			"b:上头几家截着水，轮到我们只剩一点点。",
			"a/b:自己抽一天要{n1-6p}00元电费，还怕抽不上来。",
			"c:检查的说尾水不能直排，又没说往哪里去。",
		},
		asks: []string{
			"a/b:请水务和镇里来看看，先把水放过来。",
			"a/b:能不能排个轮灌的表，大家照着来。",
			"c:想请来看看，指个能排的地方，要挖塘我们也愿意。",
		},
		steps: []string{
			"a/b:临时架了{n1-4s}台泵，先把渠尾的水补上。",
			"c:{past}量了高差，尾水可以走西边那条沟。",
		},
		done: []string{
			"a:泵站修好，轮灌表贴到{village}，{n30-600/10a}亩{crop}都见了水。",
			"b/c:清了{n3-20k}00米渠，尾水改进生态塘，水进得来也排得出。",
		},
	},
	{
		fits: companies, lead: "devreform", joined: []string{"power"},
		about: "屋顶{n2-30}00千瓦光伏",
		titles: []string{
			"屋顶想装{n2-30}00千瓦光伏，并网排不上",
			"{building}屋顶{n2-60m}00平方米想装光伏，怎么备案",
			"光伏备案退回{n2-5}次，房东不肯盖章",
		},
		opens: []string{
			"{we}想在{building}屋顶装{n2-30}00千瓦光伏，备案退回{n2-5}次。",
			"{we}一个月电费{n3-60v}万元，想装{n2-30}00千瓦光伏省一点。",
		},
		facts: []string{
			"上门推销的有{n3-9k}家，说得都好听，不知信谁。",
			"供电说这条线的接入容量快满了。",
			"屋顶的荷载要鉴定，鉴定又要原来的图纸。",
		},
		asks: []string{
			"想问{road}这条线还能不能接。",
			"请讲讲备案的次序，别再退了。",
		},
		steps: []string{
			"核了线路容量，还能接一部分，正在出接入意见。",
		},
		done: []string{
			"备案和接入意见都拿到，{n2-30}00千瓦已经并网。",
			"分两期接入，第一期并网发电，{they}签的是公开招的安装商。",
		},
	},
}

var infrastructureTopics = []topic{
	{
		fits: everybody, lead: "transport", joined: []string{"@", "housing"}, urgent: 10,
		about: "{road}{spot}路面破损",
		titles: []string{
			"a:{road}{spot}路面坏了{n20-300/10}米，货车难走",
			"a:{road}{spot}有{n3-20}个坑，{n2-9}个月没人修",
			"b:{road}{spot}塌了一块，下雨看不见",
		},
		opens: []string{
			"a:{road}{spot}有{n20-300/10}米路面坏了，{n2-9}个月没人修。",
			"a:{we}进出都走{road}，{spot}那里大大小小{n3-20}个坑。",
			"b:{road}{spot}塌了一块，有{n2-9e}米长，下雨天水一盖就看不见。",
		},
		facts: []string{
			"拉{product}的车一颠就坏货，这个月赔了{n2-9p}千元。",
			"上周有员工骑电动车摔了，缝了{n3-9k}针。",
			"报过几回，一家说是市里的路，一家说是村里的路。",
		},
		asks: []string{
			"a:想请先填一填，大修再等等也行。",
			"到底归谁管，请给个准话。",
		},
		steps: []string{
			"a:{past}先用冷料把坑填了，放了警示桩。",
			"b:{past}把塌的地方围了起来，放了警示灯，下面的管子正在查。",
		},
		done: []string{
			"a:{road}{spot}{n20-300/10}米重新铺了面，货车可以正常走。",
			"b:塌的原因是下面管子漏水，修好管子后回填，路面平了。",
			"查清归属后由养护队修好，{they}到场看过。",
		},
	},
	{
		fits: everybody, lead: "urban", joined: []string{"@", "power"},
		about: "{road}{spot}的路灯",
		titles: []string{
			"a:{road}{spot}{n3-24}盏路灯不亮，夜班不敢走",
			"b:{road}{spot}没有路灯，{n15-200/5}个夜班员工要走",
			"a:{road}{spot}路灯坏了{n2-9}周，想请修一下",
		},
		opens: []string{
			"a:{road}{spot}的{n3-24}盏路灯不亮，有{n2-9}周了。",
			"b:{we}有{n15-200/5}个人上下夜班走{road}，{spot}那一段没有灯。",
		},
		facts: []string{
			"女员工结伴走，还是害怕。",
			"前几天电瓶车和行人撞了，幸好不重。",
			"a:树枝长得密，亮着的几盏也照不到地。",
		},
		asks: []string{
			"a:请来修一修，树枝也剪一剪。",
			"b:如果装不了高杆灯，太阳能的也行。",
		},
		steps: []string{
			"a:查到是电缆被挖断，{day}接。",
			"b:{past}夜里去看过，定了{n4-15k}个灯位。",
		},
		done: []string{
			"a:电缆接好，{n3-24}盏灯都亮了，树枝也修过。",
			"b:{road}{spot}新装{n4-15k}盏灯，夜里去看过，路面照得清。",
		},
	},
	{
		fits: everybody, lead: "water", joined: []string{"urban", "@"}, urgent: 35,
		about: "{road}{spot}积水",
		titles: []string{
			"a:一下大雨{road}{spot}就积水{n20-70}厘米，进了{unit}",
			"a:{road}{spot}排水不畅，{unit}淹了{n2-6}回",
			"b:{road}{spot}下水道堵，污水冒了{n2-12}天",
		},
		opens: []string{
			"a:一下大雨，{road}{spot}就积水{n20-70}厘米，水往{unit}里灌。",
			"b:{road}{spot}的下水道堵了{n2-12}天，脏水冒到路上。",
		},
		facts: []string{
			"a:去年到现在淹了{n2-6}回，{material}泡坏过{n1-20v}万元的。",
			"我们自己买了{n2-5k}台泵，抽不赢。",
			"旁边工地的泥浆冲进了管子，怕是从那里堵的。",
		},
		asks: []string{
			"想请先把管子通一通。",
			"a:能不能在{spot}加个雨水口，或者把管子换大。",
		},
		steps: []string{
			"疏通车{past}来过，拉走{n2-9s}方淤泥。",
		},
		done: []string{
			"a:管道清淤并加了{n2-6k}个雨水口，之后下过一场大雨没有积水。",
			"a:换了{n20-90k}米大管，工地也装了沉淀池，{unit}没再进水。",
			"b:管道通开了，装了格栅，{n10-20k}天没有再冒。",
		},
	},
	{
		fits: companies, lead: "transport", joined: []string{"@"},
		about: "{road}的公交",
		titles: []string{
			"a:{road}没有公交，{n40-500/10}个员工上班不便",
			"b:{road}末班车{n5-7}点半就没了，{n40-500/10}人回不去",
			"a:想在{road}{spot}加个公交站",
		},
		opens: []string{
			"a:{we}在{road}，{n40-500/10}个员工多数坐公交，最近的站下车还要走{n12-35t}分钟。",
			"b:{road}的末班车{n5-7}点半就收了，{unit}下班是{n8-10e}点。",
		},
		facts: []string{
			"为了这个，{n3-20q}个人辞了职。",
			"我们自己包车，一个月要{n2-9v}万元。",
			"附近{n3-9k}家都是同样情况，问过都想要。",
		},
		asks: []string{
			"想请看看能不能绕一站，或者晚一班。",
			"几家合起来开定制公交也行，钱大家分摊。",
		},
		steps: []string{
			"公交公司在{road}数了{n2-4s}天的人。",
		},
		done: []string{
			"{road}{spot}加了站，末班延到晚上{n8-10e}点。",
			"开了早晚两班定制公交，{n40-500/10}名员工先试乘一个月。",
		},
	},
	{
		fits: companies, lead: "industry", joined: []string{"@", "housing"},
		about: "{unit}的网络",
		titles: []string{
			"a:{unit}宽带只有{n20-100/10}兆，换不了运营商",
			"b:{road}手机没信号，{unit}扫码都扫不了",
			"a:拉专线要{n2-15}万元，{unit}就在{road}边",
		},
		opens: []string{
			"a:{we}在{road}，{unit}的宽带只有{n20-100/10}兆，[传个文件要半天|开会总卡|收款码扫不出来]。",
			"b:{unit}里手机没信号，{n20-150h}个人用不了系统。",
		},
		facts: []string{
			"a:别家运营商说楼里被一家包了，进不来。",
			"a:专线报价{n2-15}万元，别的园区只要一半。",
			"{sys}天天掉线，客户意见很大。",
		},
		asks: []string{
			"a:想请让几家运营商都能进来，我们自己选。",
			"b:请帮忙装个信号放大的。",
		},
		steps: []string{
			"a:三家运营商{past}一起看了管道，有一家马上能进。",
			"b:{past}测了{unit}里外的信号，正在选基站的位置。",
		},
		done: []string{
			"a:管道开放，{they}换了一家，宽带到{n3-9k}00兆，价钱少了三成。",
			"b:{road}新开一个基站，{unit}里信号满格。",
		},
	},
	{
		fits: companies, lead: "@", joined: []string{"police", "urban"},
		about: "{road}{spot}停车",
		titles: []string{
			"a:{road}{spot}没地方停车，{n15-200/5}个员工天天吃罚单",
			"b:大车停满{road}{spot}，{product}进不来",
			"a:{road}{spot}想划{n10-60}个车位",
		},
		opens: []string{
			"a:{we}有{n15-200/5}个员工开车，{road}{spot}没地方停。",
			"b:{road}{spot}天天停满大车，来拉{product}的车进不来。",
		},
		facts: []string{
			"a:对面有块空地长草{n2-6y}年了。",
			"a:一个月吃了{n5-40q}张罚单，大家怨气大。",
			"早上{n7-9}点一堵就是半个钟头。",
		},
		asks: []string{
			"a:想请把空地平一平，划{n10-60}个车位，收点费也行。",
			"b:能不能请交警在早晚管一管。",
			"b:想请给大车找个停的地方，这里画上禁停线。",
		},
		steps: []string{
			"a:量了空地，能划{n10-60}个位子，等平整。",
			"b:交警{past}来劝走一批，禁停标志在做。",
		},
		done: []string{
			"a:空地平出{n10-60}个车位，{road}{spot}早晚有人疏导。",
			"b:大车引到新的停车场，{spot}画了禁停线，车能进出。",
		},
	},
	{
		fits: farm, lead: "@", joined: []string{"agriculture", "water", "transport"}, urgent: 10,
		about: "{village}机耕路和桥",
		titles: []string{
			"a:{village}机耕路断了{n30-400/10}米，{machine}进不去",
			"b:{village}小桥只有{n2-3}米宽，{machine}过不了，绕{n2-9}公里",
			"a:{village}机耕路烂了{n30-400/10}米，{crop}拉不出来",
		},
		opens: []string{
			"a:{village}的机耕路坏了{n30-400/10}米，{we}的{machine}进不了田。",
			"b:{village}那座小桥太窄，{machine}过不去，要绕{n2-9}公里。",
		},
		facts: []string{
			"{n30-600/10a}亩{crop}的东西全靠人往外挑。",
			"自己垫过{n2-9k}车石子，一场雨又冲掉了。",
			"村里说要等上面的项目，等了{n2-4y}年。",
		},
		asks: []string{
			"a:请先铺点石子，能走就行。",
			"b:想请把桥加宽一点，能过{machine}就行。",
			"能不能排进今年的高标准农田。",
		},
		steps: []string{
			"a:镇里先拉了{n4-15s}车碎石垫上。",
			"b:桥{past}量过，两边各加宽{n40-90k}厘米，正在做预算。",
		},
		done: []string{
			"a:{n30-400/10}米机耕路铺成水泥的，{machine}能直接开到田头。",
			"b:小桥加宽、路面垫实，{n30-600/10a}亩{crop}的东西可以用车运了。",
		},
	},
	{
		fits: factory | trade, lead: "@", joined: []string{"housing", "hrss"},
		about: "{n20-200/5}名员工的宿舍",
		titles: []string{
			"{n20-200/5}名{job}没地方住，想租集体宿舍",
			"{place}蓝领公寓还有没有，要{n20-200/5}个床位",
			"{job}住得远，想要{n20-200/5}个床位",
		},
		opens: []string{
			"{we}新招了{n20-200/5}名{job}，没有宿舍。",
			"{we}想在{place}租{n20-200/5}个床位给{job}住。",
		},
		facts: []string{
			"现在住在村里的民房，[消防不过关|离得太远|房东要涨价]。",
			"自己建又没有地。",
			"一个床位{n2-5p}00元以内，我们都能出。",
		},
		asks: []string{
			"想问园区的公寓哪天能住。",
			"有空着的房子请帮忙介绍。",
		},
		steps: []string{
			"{place}的公寓腾出{n8-18s}间，带{they}看过。",
		},
		done: []string{
			"{n20-200/5}名{job}住进了{place}的公寓，一个床位每月{n2-5p}00元。",
			"改造了一栋空楼做宿舍，{n20-200/5}个床位已经交付。",
		},
	},
}

var otherTopics = []topic{
	{
		fits: everybody, lead: "police", joined: []string{"@"}, urgent: 15,
		about: "{road}{spot}的治安",
		titles: []string{
			"a:{road}{spot}{n2-9}回丢东西，想装监控",
			"a:{unit}外面电缆被偷{n20-200/10}米",
			"b:{road}{spot}有{n4-15}条流浪狗，员工怕",
		},
		opens: []string{
			"a:{we}在{road}{spot}，{n2-6m}个月丢了{n2-9}回东西。",
			"a:{unit}外面夜里不太平，{past}又少了{n20-200/10}米电缆。",
			"b:{road}{spot}聚了{n4-15}条流浪狗，{unit}的人不敢走那边。",
		},
		facts: []string{
			"a:那一段没有监控，派出所来看了也难查。",
			"b:上夜班的人走过，狗追着跑，有人摔过。",
			"我们自己请了保安，只管得到院子里。",
		},
		asks: []string{
			"a:想请在{spot}装个探头，夜里多巡几趟。",
			"b:请派人来收一收，别真咬了人。",
		},
		steps: []string{
			"a:巡逻线路改了，夜里{n2-4s}次经过{spot}。",
			"b:收容队{past}来看过，放了笼子。",
		},
		done: []string{
			"a:{spot}装了{n2-5k}个探头，偷东西的人抓到了。",
			"a:夜巡加密，路口补了探头，一个月没有再丢。",
			"b:{n4-15}条狗都收走了，喂狗的人也劝过，没有再来。",
		},
	},
	{
		fits: everybody, lead: "urban", joined: []string{"@"},
		about: "{road}{spot}的垃圾清运",
		titles: []string{
			"a:{road}{spot}垃圾堆了{n3-20}天没人拉",
			"a:{unit}的垃圾一周才来{n1-3}次，夏天有味",
			"b:有人往{road}{spot}倒建筑垃圾，{n2-15}车了",
		},
		opens: []string{
			"a:{road}{spot}的垃圾堆了{n3-20}天，没人来拉。",
			"b:半夜有人往{road}{spot}倒建筑垃圾，前后{n2-15}车。",
		},
		facts: []string{
			"招来的蚊虫往{unit}里飞，我们做{product}的最怕这个。",
			"a:打过电话，说那一块不在清运范围里。",
			"客户来看厂，第一眼就看到这个。",
		},
		asks: []string{
			"a:想请拉走，再放几个桶。",
			"b:请装个探头，看看是谁倒的。",
			"b:先请拉走，路都挡了半边。",
		},
		steps: []string{
			"{past}来了{n2-6s}辆车，先清了一半。",
		},
		done: []string{
			"a:垃圾清完，{spot}放了桶，改成一天一次。",
			"b:{n2-15}车建筑垃圾运走，倒的人查到并罚了款。",
		},
	},
	{
		fits: companies, lead: "union", joined: []string{"@"},
		about: "{n30-400/10}名员工的午饭",
		titles: []string{
			"{n30-400/10}名员工中午没地方吃饭，想搭个食堂",
			"{road}附近没饭店，{n30-400/10}人中午吃饭难",
			"想和{n2-8}家邻居合办食堂，{n30-400/10}人吃饭",
		},
		opens: []string{
			"{we}有{n30-400/10}名员工，{road}附近[没有像样的饭店|只有两家小店]，中午吃饭难。",
			"{we}搬到{road}之后，{n30-400/10}个人的午饭一直没着落。",
		},
		facts: []string{
			"自己办食堂请厨师不划算，场地也不够。",
			"外卖送到要{n40-75t}分钟，都凉了。",
			"有人自己带饭，夏天放到中午就馊了。",
		},
		asks: []string{
			"能不能和隔壁几家合办一个食堂。",
			"请找一家送餐的，价钱公道就行。",
		},
		steps: []string{
			"和{place}的{n3-8s}家一起问了意愿，都愿意拼。",
		},
		done: []string{
			"{place}的共享食堂开了，{n30-400/10}名员工一顿{n12-18p}元。",
			"选定一家送餐公司，每天{n30-400/10}份，热饭送到门口。",
		},
	},
	{
		fits: companies, lead: "health", joined: []string{"union"},
		about: "{n30-400/10}名员工体检",
		titles: []string{
			"想给{n30-400/10}名员工做体检，医院排到{n2-6}周后",
			"{unit}{n30-400/10}人要职业健康体检，想请上门",
			"{n30-400/10}人体检一趟要停工一天，能不能上门",
		},
		opens: []string{
			"{we}要给{n30-400/10}名员工做体检，医院排到{n2-6}周后。",
			"{we}今年有{n30-400/10}人到了该体检的时候，还没约上。",
		},
		facts: []string{
			"停下来去医院一天，{unit}就要停一天。",
			"{job}要带岗前的报告才能上岗，不能再拖。",
			"问了{n2-5k}家，报价差一倍，不知该选哪家。",
		},
		asks: []string{
			"想请医院带车上门，分两班做。",
			"请推荐一家有资质的，项目别落下。",
		},
		steps: []string{
			"医院{past}来看过场地，{unit}门口能停体检车。",
		},
		done: []string{
			"体检车上门两天，{n30-400/10}人都做完，报告已发。",
			"{they}和邻居拼了一场，{n30-400/10}人分班做完，没有停工。",
		},
	},
	{
		fits: everybody, lead: "federation", joined: []string{"service_centre"},
		about: "{product}合同的法律咨询",
		titles: []string{
			"a:{n3-300}万元合同有几条看不懂，想问律师",
			"b:{product}合同对方违约，{n3-300}万元，{law}",
			"c:想请律师来讲一次{product}合同怎么签",
		},
		opens: []string{
			"a:{we}要签一份{n3-300}万元的{product}合同，有几条看不懂。",
			"b:{we}和一家{buyer}签了{n3-300}万元的{product}合同，{law}。",
			"c:{we}一年要签{n8-90k}份{product}合同，吃过几回亏，想学学怎么签。",
		},
		facts: []string{
			"a:合同是对方给的，{n12-60k}页，违约金都写在我们头上。",
			"我们没有法务，平时都是朋友介绍的律师。",
			"a:对方催着{day}就要签。",
		},
		asks: []string{
			"a:想请公益律师帮着看一看。",
			"c:能不能请人来讲一课，附近几家都想听。",
			"b:想请公益律师指条路，是谈还是告。",
		},
		steps: []string{
			"a:公益律师收了合同，{day}给意见。",
			"b:律师看了往来的单子，{day}约对方谈。",
			"c:和律师约了{day}晚上，{place}会议室。",
		},
		done: []string{
			"a:律师标出{n3-9s}处要改的，{they}改后签了。",
			"b:律师发函后对方认了一半以上，双方重新签了补充协议。",
			"c:律师到{place}讲了一课，来了{n12-40k}个人，合同样本每家一份。",
		},
	},
	{
		fits: everybody, lead: "@", joined: []string{"service_centre"},
		about: "{n15-120/5}人活动场地",
		titles: []string{
			"想借{n15-120/5}人的场地，给员工办活动",
			"{place}有没有能坐{n15-120/5}人的会议室",
			"想和邻近{n2-8}家一起搞联谊，{n15-120/5}人没场地",
		},
		opens: []string{
			"{we}想办一场{n15-120/5}人的[培训|联谊|家属开放日]，没有场地。",
			"{we}和邻近{n2-8}家想一起办活动，{n15-120/5}个人坐不下。",
		},
		facts: []string{
			"酒店一天要{n2-9p}千元，小单位出不起。",
			"最好在{road}附近，晚上也能用。",
			"投影和音响自己可以带。",
		},
		asks: []string{
			"想借党群服务中心用半天，打扫我们负责。",
			"怎么预约、要不要钱，请说一下。",
		},
		steps: []string{
			"{place}的服务中心{day}下午空着，先留给{they}。",
		},
		done: []string{
			"党群服务中心的会议室给{they}用了，{n15-120/5}人坐得下，没收费。",
			"场地预约的入口发给{they}，这回的活动已经办完。",
		},
	},
	{
		fits: trade | culture | farm, lead: "urban", joined: []string{"@"},
		about: "{road}{spot}招牌和外摆",
		titles: []string{
			"a:{road}{spot}招牌被要求拆，刚花{n1-9}万元做的",
			"b:想在{road}{spot}摆{n3-20}张桌子卖{product}",
			"b:{road}{spot}能不能摆摊卖{product}，{n2-6}个说法",
		},
		opens: []string{
			"a:{we}在{road}{spot}的招牌刚花{n1-9}万元做好，就说不合规。",
			"b:{we}想在{road}{spot}摆{n3-20}个位置卖{product}，不知行不行。",
		},
		facts: []string{
			"a:做之前问过人，说尺寸没问题。",
			"b:别的街上有摆的，我们这里一摆就来人。",
			"生意就指望傍晚那{n2-4k}个钟头。",
		},
		asks: []string{
			"想请讲清楚规矩，我们照着改。",
			"b:能不能划一块地方、定个钟点。",
		},
		steps: []string{
			"a:量了{spot}的尺寸，改小{n20-60k}厘米就合规。",
			"b:{past}去{spot}看过，留得出两米人行道。",
		},
		done: []string{
			"a:招牌改小后合规，没有拆，也没有罚。",
			"b:{spot}定为限时外摆点，{they}领了牌子。",
		},
	},
}
