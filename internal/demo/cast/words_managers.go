package cast

// Plans are what service managers wrote down for an enterprise (一企一策).
func Plans() []string {
	return []string{
		"一、用工：每月对接一次专场招聘，旺季前两周报缺口。\n二、融资：陪同跑一次银企对接会，跟进授信。\n三、每月上门一次，问题当场记下。",
		"扩建项目今年要开工：规划、环评、消防三件事排好时间，每两周对一次进度，卡住了就吹哨。",
		"企业准备申报专精特新，补齐知识产权和研发费用台账；政策到期前一个月提醒。",
		"用电负荷接近上限，迎峰度夏前完成增容；期间错峰方案已同企业谈妥。",
		"种植户多、季节性强：春耕前对接农机和贷款贴息，秋收后看仓储和销路。",
	}
}

// HandoverNotes are what went along when enterprises were handed over.
func HandoverNotes() []string {
	return []string{
		"原服务经理轮岗。企业台账和联系方式已当面交接，正在办的事逐件说明。",
		"原服务经理借调，已一同上门见过企业负责人。",
		"按片区调整，资料在园区服务中心。",
	}
}
