package cast

import "strings"

func words(s string) []string { return strings.Fields(s) }

// aboutNothing is what a filing speaks of that wasn't made by Words.
const aboutNothing = "这件事"

// How likely each category is, in the order of categories.
var categoryWeights = map[sector][]int{
	//          用工 资金 土地 技术 人才 审批 政策 市场 能环 基建 其他
	chip:      {14, 10, 6, 9, 13, 11, 9, 6, 9, 9, 4},
	transport: {15, 11, 8, 8, 9, 11, 8, 7, 9, 10, 4},
	farm:      {10, 14, 13, 14, 4, 7, 10, 13, 6, 13, 3},
	food:      {12, 13, 9, 8, 5, 11, 9, 13, 9, 8, 3},
	culture:   {12, 11, 7, 4, 5, 14, 9, 14, 5, 14, 5},
	maker:     {16, 13, 9, 6, 6, 11, 8, 8, 10, 10, 3},
	trade:     {14, 13, 5, 5, 5, 12, 11, 13, 4, 11, 7},
}

// Words drawn anew each time.
var freshWords = map[string]bool{"day": true, "soon": true, "past": true, "clerk": true, "look": true}

var kindWords = map[string]map[string][]string{
	"we": {
		KindCompany:     {"我们公司", "我公司", "我司", "我们"},
		KindCooperative: {"我们合作社", "合作社", "我社"},
		KindFamilyFarm:  {"我们农场", "我家农场", "农场"},
		KindGrower:      {"我家", "我们家", "我"},
	},
	"you": {
		KindCompany:     {"贵公司", "你们公司"},
		KindCooperative: {"贵社", "你们合作社"},
		KindFamilyFarm:  {"你们农场"},
		KindGrower:      {"您"},
	},
	"they": {
		KindCompany:     {"企业", "该公司"},
		KindCooperative: {"合作社"},
		KindFamilyFarm:  {"农场"},
		KindGrower:      {"农户"},
	},
}

var commonWords = map[string][]string{
	"day":  words("下周一 下周二 下周三 下周四 下周五 后天 明天 本周五"),
	"soon": words("尽快 这两天 这周 本周内 月底前 半个月内 下周"),
	"past": words("昨天 前天 上周 今天上午 昨天下午 周一 周三 前两天"),
	"look": words("现场看了一遍 到现场量过 当面谈过一次 调了资料核对过 打电话问清楚了 实地走了一趟"),
	"clerk": words(`窗口 12345转来的电话 经办人 中介 社区网格员 服务经理
		园区的人 业务大厅`),
	"road": words(`听潮路 归帆路 荻花路 望渡大道 溪棹北路 云舫路 芦汀西街 雁陂东路 青畈路 白荻南街
		菱歌路 沙鸥路 渔火街 桨声路 长汀路 柳塘路 石埠路 新圩路 枕河路 星渚路 晴川支路 银杏路
		鹭飞路 南津路 北津路 砚池路 稻香路 木樨街 朝霞路 涵碧路`),
	"spot": words(`西门口 东门外 路口 桥头 三岔口 仓库后面 公交站旁 河边 北侧围墙外 厂区对面
		南侧辅道 加油站旁 菜场边 二期门口 拐弯处`),
	"village": words(`新圩村 三河村 菱塘村 桥头村 老渡村 雁来村 沙洲村 向阳村 柳塘村 荻湾村 东畈村 望春村`),
	"bank":    words("开户银行 一家国有银行 一家股份制银行 农商银行 村镇银行 合作了多年的银行"),
	"sys":     words("订单管理系统 进销存系统 生产排程系统 仓库管理系统 设备联网系统 客户管理系统 能耗监测系统 质量追溯系统"),
	"since":   words("上个月以来 年初以来 近两个月 近半年 前阵子 这个季度 去年底以来"),
	"asset":   words("厂房是租的 设备都是旧的 抵押物已经押过一次 手里只有订单没有房产 房产证还没下来"),
	"law":     words("合同没写清楚 对方不认账 对方说要走诉讼 双方各说各的 证据不全"),
	"photo":   words("情况说明 照片 往来记录"),
}

// What a company makes or sells, by its line of business.
var lineProducts = map[string][]string{
	"机械":   words("输送机 搅拌机 传动件"),
	"塑业":   words("塑料托盘 周转箱 塑料管件"),
	"包装制品": words("纸箱 彩盒 缓冲垫"),
	"建材":   words("保温板 防水卷材 砌块"),
	"金属制品": words("钢构件 货架 护栏"),
	"五金":   words("紧固件 合页 五金件"),
	"家居":   words("柜体 床垫 木门"),
	"纺织":   words("工作服布料 毛巾 窗帘布"),
	"环保设备": words("水处理设备 除尘器 污泥脱水机"),
	"电气":   words("配电柜 电缆桥架 开关箱"),
	"粮油":   words("大米 菜籽油 糯米粉"),
	"米业":   words("大米 糯米制品"),
	"水产":   words("腌制虾仁 冷冻鱼片 速冻虾蟹"),
	"园艺":   words("盆花 绿化苗 花卉礼盒"),
	"种业":   words("稻种 蔬菜种苗"),
	"船舶配套": words("齿轮箱 船用阀门 甲板机械"),
	"航空部件": words("铝合金结构件 密封件 座椅骨架"),
	"轨道装备": words("制动盘 轨道扣件 车门总成"),
	"商贸":   words("日用百货 办公耗材 劳保用品"),
	"供应链":  words("冷冻食品 包装材料 汽车配件"),
	"物流":   words("零担货物 冷冻食品 家电"),
	"进出口":  words("母婴用品 五金工具 小家电"),
	"超市":   words("生鲜 日用百货 粮油副食"),
	"电子商务": words("零食礼盒 家居用品 农特产"),
	"信息服务": words("收银设备 门禁设备 打印耗材"),
	"人力资源": words("工装 劳保用品 培训教材"),
	"装饰工程": words("装饰板材 灯具 整装门窗"),
	"设备租赁": words("脚手架 叉车配件 高空作业车"),
}

// The papers a matter brings with it.
var papers = map[string][]string{
	"labour":             words("员工名单 合同复印件 考勤表 情况说明"),
	"funding":            words("流水明细 对账单 合同复印件 财务报表"),
	"land":               words("平面图 合同复印件 权属证明 现场照片"),
	"technology":         words("检测报告 现场照片 工艺记录 情况说明"),
	"talent":             words("人员名单 学历证明 合同复印件 情况说明"),
	"approval":           words("申请表截图 受理单 平面图 情况说明"),
	"policy":             words("申请表截图 发票明细 项目说明 通知截图"),
	"market":             words("产品目录 价目表 样品照片 情况说明"),
	"energy_environment": words("电费单 检测报告 现场照片 平面图"),
	"infrastructure":     words("照片 现场照片 位置图 情况说明"),
	"other":              words("照片 情况说明 往来记录"),
}

var sectorWords = map[string]map[sector][]string{
	"job": {
		chip:      words("键合操作工 封装工艺员 测试技术员 设备维护工 净化间操作工 贴片操作工 划片操作工 外观检验员"),
		transport: words("氩弧焊工 数控车工 装配钳工 喷涂工 探伤员 铆工 铣床工 总装调试工 质检员"),
		farm:      words("采摘工 插秧工 农机手 植保工 分拣工 除草工 捕捞工 打包工"),
		food:      words("分拣包装工 碾米操作工 冷库叉车工 品控员 清洗工 杀菌工 装卸工 灌装工"),
		culture:   words("客房服务员 导览员 厨师 护理员 前台 船工 活动策划 保洁员 茶艺师"),
		maker:     words("注塑工 折弯工 叉车工 冲压工 包装工 模具工 电焊工 裁剪工 装配工"),
		trade:     words("配送员 仓管员 收银员 客服 外贸跟单员 驾驶员 理货员 主播 安装工"),
	},
	"senior": {
		chip:      words("模拟芯片设计工程师 工艺整合工程师 版图工程师 封装研发工程师 失效分析工程师 设备工程师"),
		transport: words("结构设计工程师 焊接工程师 电控工程师 仿真工程师 适航认证工程师 工艺工程师"),
		farm:      words("农技员 植保技术员 水产技术员 电商运营 农机技师"),
		food:      words("食品研发工程师 品控经理 冷链工程师 设备工程师 电商运营"),
		culture:   words("店长 策划总监 康复治疗师 主厨 新媒体运营 非遗传承人"),
		maker:     words("模具设计工程师 自动化工程师 质量经理 电气工程师 工业设计师"),
		trade:     words("供应链经理 数据分析师 跨境运营 财务主管 软件工程师"),
	},
	"product": {
		chip:      words("电源管理芯片 传感器芯片 射频模块 功率器件 引线框架 测试夹具 驱动芯片 存储模组"),
		transport: words("齿轮箱 制动盘 转向节 船用阀门 座椅骨架 铝合金型材 电驱壳体 车门总成"),
		farm:      words("稻谷 草莓 葡萄 小龙虾 河蟹 苗木 西瓜 芦蒿"),
		food:      words("大米 速冻水饺 净菜 腌制虾仁 果干 菜籽油 糯米制品 半成品菜"),
		culture:   words("周末套餐 研学课程 康养套餐 手作礼盒 团建场地 游船航线 露营位 年夜饭"),
		maker:     words("塑料托盘 纸箱 钢构件 配电柜 门窗 五金件 工作服布料 水处理设备"),
		trade:     words("日用百货 办公耗材 劳保用品 建材 冷冻食品 汽车配件 母婴用品 包装材料"),
	},
	"material": {
		chip:      words("键合金丝 环氧塑封料 光刻胶 抛光垫 高纯气体 陶瓷基板 硅片"),
		transport: words("高强钢板 铝锭 碳纤维布 轴承 密封圈 铸件毛坯 耐磨涂料"),
		farm:      words("有机肥 种苗 饲料 地膜 农药 大棚膜"),
		food:      words("鲜菜 糙米 包装袋 食用盐 保鲜膜 活虾"),
		culture:   words("床品布草 本地食材 清洁用品 木料 帐篷 理疗耗材"),
		maker:     words("塑料粒子 冷轧板 原纸 铜排 水泥 纱线"),
		trade:     words("周转箱 货架 纸箱 电动货车 打包膜 冷媒"),
	},
	"machine": {
		chip:      words("全自动键合机 划片机 探针台 塑封压机 分选机 等离子清洗机"),
		transport: words("五轴加工中心 龙门铣床 激光切割机 焊接机器人 热处理炉 三坐标测量机"),
		farm:      words("收割机 插秧机 烘干机 植保无人机 增氧机 拖拉机"),
		food:      words("色选机 速冻隧道 真空包装机 冷藏车 清洗流水线 碾米机组"),
		culture:   words("电动观光车 游船 厨房设备 理疗床 舞台灯光 中央空调"),
		maker:     words("注塑机 数控折弯机 印刷机 冲床 织机 喷涂线"),
		trade:     words("冷藏车 叉车 自动分拣线 新能源货车 立体货架 服务器"),
	},
	"process": {
		chip:      words("引线键合 晶圆减薄 塑封 划片 电镀 终测"),
		transport: words("薄壁件焊接 热处理 铝合金压铸 深孔加工 表面喷涂 齿轮磨削"),
		food:      words("低温干燥 速冻 真空包装 碾磨抛光 杀菌 保鲜"),
		maker:     words("成型 表面处理 切割 组装 烘干 打包"),
	},
	"defect": {
		chip:      words("焊点脱落 分层 毛刺 划伤 参数漂移 虚焊"),
		transport: words("变形超差 气孔 裂纹 硬度不匀 起皮 异响"),
		food:      words("碎米率高 返潮 变色 胀袋 出水 口感不稳"),
		maker:     words("开裂 起泡 色差 尺寸超差 划痕 变形"),
	},
	"test": {
		chip:      words("高低温循环 静电防护 可靠性老化 射频性能 失效分析"),
		transport: words("疲劳寿命 盐雾 振动冲击 无损探伤 电磁兼容"),
		farm:      words("土壤养分 农药残留 水质 重金属"),
		food:      words("微生物 农药残留 营养成分 重金属 添加剂"),
		culture:   words("水质卫生 空气质量 设施安全"),
		maker:     words("阻燃 力学性能 甲醛释放 盐雾 耐压"),
		trade:     words("商品质量 产品标签 包装安全"),
	},
	"skill": {
		chip:      words("无尘室操作 设备点检 静电防护 键合工艺"),
		transport: words("焊接 数控编程 起重作业 探伤"),
		farm:      words("植保 农机驾驶 嫁接 水产养殖 直播带货"),
		food:      words("食品安全 叉车 冷库作业 品质检验"),
		culture:   words("养老护理 急救 导游讲解 茶艺"),
		maker:     words("叉车 电工 注塑调机 班组管理"),
		trade:     words("跨境电商 叉车 直播带货 仓储管理"),
	},
	"permit": {
		chip:      words("危险化学品使用备案 特种设备登记 排污登记 辐射安全许可"),
		transport: words("特种设备登记 道路运输许可 民用航空部件备案 排污登记"),
		farm:      words("设施农用地备案 取水许可 水域滩涂养殖证 动物防疫合格证"),
		food:      words("食品生产许可 粮食收购备案 冷库安全备案 排污登记"),
		culture:   words("民宿备案 食品经营许可 卫生许可 营业性演出许可 户外广告设置许可 养老机构备案"),
		maker:     words("特种设备登记 排污登记 印刷经营许可 工业产品生产许可"),
		trade:     words("食品经营许可 道路运输许可 人力资源服务许可 户外广告设置许可 第二类医疗器械备案"),
	},
	"scope": {
		chip:      words("集成电路测试 技术进出口 电子专用材料销售 检测服务"),
		transport: words("船用配套设备制造 汽车零部件再制造 技术服务 机械设备租赁"),
		farm:      words("农产品网上销售 农机作业服务 休闲采摘 种苗销售"),
		food:      words("预包装食品销售 冷藏仓储 食品进出口 农产品代加工"),
		culture:   words("露营地服务 餐饮服务 研学咨询 健康咨询 文创产品销售"),
		maker:     words("模具销售 再生资源回收 货物进出口 设备安装"),
		trade:     words("货物进出口 冷藏运输 直播营销 二手车经销 仓储服务"),
	},
	"policy": {
		chip:      words("首轮流片补助 设备投资奖励 研发费用奖补 高企培育奖励 洁净厂房补贴"),
		transport: words("首台套奖励 技改补贴 专精特新奖励 智能工厂奖励 船检费用补助"),
		farm:      words("农机购置补贴 家庭农场奖补 秸秆还田补助 农业保险保费补贴 绿色种养补助"),
		food:      words("农业龙头企业奖补 冷链建设补助 技改补贴 绿色食品认证奖励 粮食烘干补贴"),
		culture:   words("民宿改造补助 文化产业扶持资金 研学基地奖励 养老床位补贴 旅游商品奖励"),
		maker:     words("技改补贴 绿色工厂奖励 设备更新补贴 小升规奖励 节水改造补助"),
		trade:     words("跨境电商扶持 限上商贸奖励 物流企业奖补 展会补贴 稳岗返还"),
	},
	"buyer": {
		chip:      words("通信设备厂 家电厂 汽车电子厂 仪表厂 工控企业"),
		transport: words("整车厂 船厂 轨道车辆厂 工程机械厂 飞机部件厂"),
		farm:      words("批发市场 超市 饭店 学校食堂 社区团购 收购商"),
		food:      words("连锁超市 学校食堂 电商平台 餐饮连锁 单位食堂"),
		culture:   words("旅行社 企业工会 学校 亲子家庭 康养机构"),
		maker:     words("建筑公司 家电厂 食品厂 物流公司 设备厂"),
		trade:     words("便利店 工厂 写字楼 海外客户 工地 社区团购"),
	},
	"waste": {
		chip:      words("含铜蚀刻废液 废有机溶剂 废树脂 含氟污泥"),
		transport: words("废切削液 废漆渣 废活性炭 含油抹布"),
		food:      words("腌制废水 清洗污泥 废油脂 下脚料"),
		maker:     words("废油墨桶 废活性炭 边角塑料 废漆渣"),
	},
	"nuisance": {
		chip:      words("夜里风机声 冷却塔水汽 装卸声"),
		transport: words("打磨声 喷漆味 夜里冲压声"),
		food:      words("锅炉烟 腌菜味 夜里装车声"),
		culture:   words("厨房油烟 晚上音乐声 游客停车"),
		maker:     words("注塑气味 夜里冲床声 粉尘"),
		trade:     words("夜里卸货声 冷库外机声 油烟"),
	},
	"building": {
		chip:      words("净化车间 动力站房 研发楼 化学品库"),
		transport: words("总装车间 喷漆房 试验台厂房 毛坯库"),
		farm:      words("育秧棚 烘干房 冷藏库 农机库 看护房"),
		food:      words("冷库 加工车间 原粮仓 包装车间"),
		culture:   words("民宿楼 游客中心 康复中心 露营地厨房 展厅"),
		maker:     words("二号车间 成品仓库 宿舍楼 喷涂车间"),
		trade:     words("仓库 门店 直播间 配送站 办公楼层"),
	},
	"pest": {
		farm: words("叶子发黄 根部发烂 成片倒伏 长白斑 虫子打了三遍还有 浮头 不肯吃食 脱壳不好"),
	},
	"unit": {
		chip:      words("洁净室 测试间 动力站 成品库"),
		transport: words("机加车间 总装线 焊接班 涂装线"),
		farm:      words("大棚 塘口 烘干点 田头"),
		food:      words("加工车间 冷库 包装线 碾米线"),
		culture:   words("客房 前厅 营地 餐厅"),
		maker:     words("注塑车间 冲压线 仓库 装配线"),
		trade:     words("仓库 门店 配送站 办公区"),
	},
}
