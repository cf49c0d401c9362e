import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '../../src/api/access.decorators';
import { ApiProblems } from '../../src/api/api-problems.decorator';
import { ForbiddenError } from '../../src/errors/common.errors';
import { SetStockRequest, StockItemResponse, StockQuery, toStockItemResponse } from './stock.dto';
import { ProductNotStockedError } from './stock.errors';
import { StockService } from './stock.service';

@ApiTags('Stock')
@Controller('stock')
export class StockController {
  constructor(private readonly stock: StockService) {}

  /**
   * Sets how many units of a product can be reserved.
   * @remarks Units that orders have reserved already are not counted.
   */
  @ApiOperation({ operationId: 'setStock' })
  @Post()
  @HttpCode(200)
  @Roles(['admin'])
  @ApiProblems(new ForbiddenError())
  async set(@Body() { product_name, available }: SetStockRequest): Promise<StockItemResponse> {
    return toStockItemResponse(await this.stock.set(product_name, available));
  }

  /**
   * Returns how many units of a product can be reserved.
   * @remarks The name is case-sensitive.
   */
  @ApiOperation({ operationId: 'getStock' })
  @Get()
  @ApiProblems(new ProductNotStockedError())
  async get(@Query() { product_name }: StockQuery): Promise<StockItemResponse> {
    return toStockItemResponse(await this.stock.get(product_name));
  }
}
