package cast

var categories = []Code{
	{"labour", "用工"},
	{"funding", "资金"},
	{"land", "土地"},
	{"technology", "技术"},
	{"talent", "人才"},
	{"approval", "审批"},
	{"policy", "政策"},
	{"market", "市场"},
	{"energy_environment", "用能与环保"},
	{"infrastructure", "基础设施"},
	{"other", "其他"},
}

var chains = []Chain{
	{IntegratedCircuit, "集成电路", 260, []string{"芯片设计", "晶圆制造", "封装测试", "材料与设备"}},
	{HighEndTransport, "高端交通装备", 100, []string{"轨道交通", "船舶配套", "航空部件", "车辆零部件"}},
	{ModernAgriculture, "现代农业", 438, []string{"稻米", "果蔬", "虾蟹", "花木", "农产品加工"}},
	{CultureTourismHealth, "文旅健康", 212, []string{"乡村旅游", "文化创意", "康养", "餐饮住宿"}},
}

var places = []Place{
	{"zone", "经开区", KindPark, true},
	{"hightech", "高新区", KindPark, false},
	{"agripark", "农创园", KindPark, false},
	{"luting", "芦汀街道", KindTown, false},
	{"yunfang", "云舫街道", KindTown, false},
	{"xizhao", "溪棹街道", KindTown, false},
	{"wangdu", "望渡镇", KindTown, false},
	{"baidi", "白荻镇", KindTown, false},
	{"qingfan", "青畈镇", KindTown, false},
	{"yanbei", "雁陂镇", KindTown, false},
}

var (
	parkDuties = []string{"labour", "land", "policy", "infrastructure", "other"}
	townDuties = []string{"labour", "land", "infrastructure", "other"}
)

var departments = []Department{
	{Code: "devreform", Name: "栖江区发展和改革委员会", ShortName: "区发改委", Kind: KindBureau, Duties: []string{"policy", "energy_environment", "infrastructure"}},
	{Code: "industry", Name: "栖江区工业和信息化局", ShortName: "区工信局", Kind: KindBureau, Duties: []string{"funding", "technology", "policy", "market", "infrastructure"}},
	{Code: "service_centre", Name: "栖江区企业服务中心", ShortName: "企业服务中心", Kind: KindBureau, ParentCode: "industry", Duties: []string{"policy", "other"}, Desk: true},
	{Code: "hrss", Name: "栖江区人力资源和社会保障局", ShortName: "区人社局", Kind: KindBureau, Duties: []string{"labour", "talent"}},
	{Code: "planning", Name: "栖江规划和自然资源分局", ShortName: "规资分局", Kind: KindBureau, Duties: []string{"land", "approval"}},
	{Code: "housing", Name: "栖江区住房和城乡建设局", ShortName: "区住建局", Kind: KindBureau, Duties: []string{"approval", "talent", "infrastructure"}},
	{Code: "samr", Name: "栖江区市场监督管理局", ShortName: "区市场监管局", Kind: KindBureau, Duties: []string{"technology", "approval", "market"}},
	{Code: "permits", Name: "栖江区行政审批局", ShortName: "区行政审批局", Kind: KindBureau, Duties: []string{"approval"}},
	{Code: "tax", Name: "栖江区税务局", ShortName: "区税务局", Kind: KindBureau, Duties: []string{"funding", "policy"}},
	{Code: "finance", Name: "栖江区地方金融监督管理局", ShortName: "区金融监管局", Kind: KindBureau, Duties: []string{"funding"}},
	{Code: "science", Name: "栖江区科学技术局", ShortName: "区科技局", Kind: KindBureau, Duties: []string{"technology", "talent", "policy"}},
	{Code: "commerce", Name: "栖江区商务局", ShortName: "区商务局", Kind: KindBureau, Duties: []string{"policy", "market"}},
	{Code: "agriculture", Name: "栖江区农业农村局", ShortName: "区农业农村局", Kind: KindBureau, Duties: []string{"funding", "land", "technology", "talent", "policy", "market"}},
	{Code: "culture", Name: "栖江区文化和旅游局", ShortName: "区文旅局", Kind: KindBureau, Duties: []string{"policy", "market"}},
	{Code: "environment", Name: "栖江生态环境局", ShortName: "生态环境局", Kind: KindBureau, Duties: []string{"approval", "energy_environment"}},
	{Code: "urban", Name: "栖江区城市管理局", ShortName: "区城管局", Kind: KindBureau, Duties: []string{"infrastructure", "other"}},
	{Code: "transport", Name: "栖江区交通运输局", ShortName: "区交通局", Kind: KindBureau, Duties: []string{"approval", "infrastructure"}},
	{Code: "water", Name: "栖江区水务局", ShortName: "区水务局", Kind: KindBureau, Duties: []string{"energy_environment", "infrastructure"}},
	{Code: "emergency", Name: "栖江区应急管理局", ShortName: "区应急局", Kind: KindBureau, Duties: []string{"approval", "other"}},
	{Code: "health", Name: "栖江区卫生健康委员会", ShortName: "区卫健委", Kind: KindBureau, Duties: []string{"approval", "other"}},
	{Code: "education", Name: "栖江区教育局", ShortName: "区教育局", Kind: KindBureau, Duties: []string{"talent"}},
	{Code: "police", Name: "栖江公安分局", ShortName: "公安分局", Kind: KindBureau, Duties: []string{"talent", "other"}},
	{Code: "fire", Name: "栖江区消防救援大队", ShortName: "消防大队", Kind: KindBureau, Duties: []string{"approval"}},
	{Code: "power", Name: "栖江供电公司", ShortName: "供电公司", Kind: KindBureau, Duties: []string{"energy_environment"}},
	{Code: "zone", Name: "栖江经济开发区管理委员会", ShortName: "经开区管委会", Kind: KindPark, Duties: parkDuties},
	{Code: "hightech", Name: "栖江高新技术产业园管理办公室", ShortName: "高新区", Kind: KindPark, Duties: parkDuties},
	{Code: "agripark", Name: "栖江农业创新园管理办公室", ShortName: "农创园", Kind: KindPark, ParentCode: "agriculture", Duties: parkDuties},
	{Code: "luting", Name: "芦汀街道办事处", ShortName: "芦汀街道", Kind: KindTown, Duties: townDuties},
	{Code: "yunfang", Name: "云舫街道办事处", ShortName: "云舫街道", Kind: KindTown, Duties: townDuties},
	{Code: "xizhao", Name: "溪棹街道办事处", ShortName: "溪棹街道", Kind: KindTown, Duties: townDuties},
	{Code: "wangdu", Name: "望渡镇人民政府", ShortName: "望渡镇", Kind: KindTown, Duties: townDuties},
	{Code: "baidi", Name: "白荻镇人民政府", ShortName: "白荻镇", Kind: KindTown, Duties: townDuties},
	{Code: "qingfan", Name: "青畈镇人民政府", ShortName: "青畈镇", Kind: KindTown, Duties: townDuties},
	{Code: "yanbei", Name: "雁陂镇人民政府", ShortName: "雁陂镇", Kind: KindTown, Duties: townDuties},
	{Code: "union", Name: "栖江区总工会", ShortName: "区总工会", Kind: KindMass, Duties: []string{"labour", "other"}},
	{Code: "federation", Name: "栖江区工商业联合会", ShortName: "区工商联", Kind: KindMass, Duties: []string{"funding", "market", "other"}},
}

var rejectReasons = []Code{
	{"out_of_scope", "不属于受理范围"},
	{"litigation", "已进入诉讼、仲裁或行政复议程序"},
	{"other_district", "不属于本区管辖"},
	{"insufficient_information", "信息不全且逾期未补充"},
	{"duplicate", "重复提交"},
}

var returnReasons = []Code{
	{"not_our_duty", "不属于本部门职责"},
	{"wrong_place", "不在本辖区"},
	{"wrong_facts", "与事实不符"},
}
