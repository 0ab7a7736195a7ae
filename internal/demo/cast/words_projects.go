package cast

// Slips are why a step of a key project comes later than planned.
func Slips() []string {
	return []string{
		"等环评批复，规划方案还在补正。",
		"土地组卷退回过一次，已重新报。",
		"设备交货推迟，厂家答应下月到货。",
		"施工单位更换，重新办开工手续。",
		"银团贷款还差一家签字，银企对接会后再定。",
		"雨季停工，基础还没完。",
		"增容工程晚了，供电方案刚批下来。",
		"股东方案调整，签约改到下一轮洽谈。",
	}
}
